"""The Message Batches that a transcript waits for, as its row holds them."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from decisionlog.extensions import db
from decisionlog.jobs.leases import Lease
from decisionlog.jobs.runs import Asked
from decisionlog.models import Transcript

NOTHING_SENT = dict.fromkeys(
    ("batch_ids", "batch_sent_at", "batch_model", "batch_prompt_version", "batch_reserved_usd")
)


def outstanding(lease: Lease, extractor_name: str) -> Asked | None:
    """What was asked by the batches that the transcript waits for; None where it waits for none."""
    row = db.session.execute(
        select(
            Transcript.batch_ids,
            Transcript.batch_sent_at,
            Transcript.batch_model,
            Transcript.batch_prompt_version,
        ).where(Transcript.id == lease.transcript_id)
    ).one()
    # No transaction may stay open while the network answers.
    db.session.rollback()
    if row.batch_ids is None:
        return None
    return Asked(
        extractor_name,
        row.batch_model,
        row.batch_prompt_version,
        row.batch_sent_at,
        tuple(row.batch_ids),
    )


def sent(asked: Asked, reserved: Decimal | None) -> dict[str, Any]:
    """The columns of a transcript that waits; what it reserved before stays reserved."""
    before = func.coalesce(Transcript.batch_reserved_usd, 0)
    return {
        "batch_ids": list(asked.batch_ids or ()),
        "batch_sent_at": asked.since,
        "batch_model": asked.model,
        "batch_prompt_version": asked.prompt_version,
        "batch_reserved_usd": None if reserved is None else before + reserved,
    }
