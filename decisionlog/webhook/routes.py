"""Where meeting tools post transcripts."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import current_app, g, request
from pydantic import Field

from decisionlog import clock
from decisionlog.decisions.schemas import TranscriptReceipt
from decisionlog.extensions import db, limiter
from decisionlog.http.openapi import operation
from decisionlog.http.schemas import Input
from decisionlog.vocabulary import MeetingType
from decisionlog.webhook import bp, proofs
from decisionlog.webhook.guard import project_for, proved
from decisionlog.webhook.intake import Receipt, take_in
from decisionlog.webhook.schemas import TranscriptDelivery
from decisionlog.webhook.vendors import VENDORS
from decisionlog.webhook.vendors.vendor import Vendor

INGEST_TOKEN: dict[str, list[str]] = {"ingest_token": []}
SIGNED: list[dict[str, list[str]]] = [
    {"tactiq_signature": []},
    {"standard_webhooks": []},
    INGEST_TOKEN,
]
PROBLEMS = (401, 404, 409, 422, 503)


class VendorQuery(Input):
    project_id: uuid.UUID | None = Field(
        None, description="where it goes; an ingest token knows that by itself"
    )
    meeting_type: MeetingType | None = Field(
        None, description="clients see only decisions of `client` meetings"
    )


def webhook_limit() -> str:
    return current_app.config["RATELIMIT_WEBHOOK"]


def _is_signed(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    tolerance = current_app.config["WEBHOOK_TOLERANCE_SECONDS"]
    return proofs.is_signed(secrets, headers, body, clock.now(), tolerance)


@bp.post("/webhooks/transcript")
@limiter.limit(webhook_limit, override_defaults=True)
@proved("TACTIQ_WEBHOOK_SECRET", _is_signed)
@operation(
    body=TranscriptDelivery,
    returns=TranscriptReceipt,
    status=202,
    also={200: TranscriptReceipt},
    problems=PROBLEMS,
    security=SIGNED,
    tag="webhooks",
)
def receive_transcript() -> tuple[TranscriptReceipt, int]:
    """Take in a meeting's transcript

    202 means that it is stored and will be worked on; the same `webhook_id` with the same content
    answers 200 and changes nothing.
    """
    body: TranscriptDelivery = request.context.json
    project = project_for(body.project_id)
    receipt = take_in(
        project.id,
        body.transcript,
        body,
        source="transcript",
        external_id=body.webhook_id,
        ingest_token=g.get("ingest_token"),
    )
    return _answer(receipt)


def _receive_from(vendor: Vendor) -> Callable[[], tuple[TranscriptReceipt, int]]:
    def receive() -> tuple[TranscriptReceipt, int]:
        query: VendorQuery = request.context.query
        project = project_for(query.project_id)
        incoming = vendor.read(request.context.json)
        meeting = incoming.meeting.model_copy(update={"meeting_type": query.meeting_type})
        receipt = take_in(
            project.id,
            incoming.transcript,
            meeting,
            source=vendor.name,
            external_id=incoming.external_id,
            ingest_token=g.get("ingest_token"),
        )
        return _answer(receipt)

    receive.__name__ = f"receive_from_{vendor.name}"
    receive.__doc__ = f"""Take in a meeting as {vendor.title} posts it

    The address that {vendor.title} is given names the project: `?project_id=…`.
    """
    return receive


for _vendor in VENDORS.values():
    _view = operation(
        body=_vendor.payload,
        query=VendorQuery,
        returns=TranscriptReceipt,
        status=202,
        also={200: TranscriptReceipt},
        problems=PROBLEMS,
        security=[{_vendor.scheme: []}, INGEST_TOKEN],
        tag="webhooks",
    )(_receive_from(_vendor))
    _view = proved(_vendor.secrets, _vendor.is_proved)(_view)
    _view = limiter.limit(webhook_limit, override_defaults=True)(_view)
    bp.post(f"/webhooks/{_vendor.name}")(_view)


def _answer(receipt: Receipt) -> tuple[TranscriptReceipt, int]:
    # A repetition stores nothing, but a token's last use is worth keeping.
    db.session.commit()
    return answer(receipt.transcript_id, receipt.duplicate)


def answer(transcript_id: Any, duplicate: bool) -> tuple[TranscriptReceipt, int]:
    if duplicate:
        return TranscriptReceipt(status="duplicate", transcript_id=transcript_id), 200
    return TranscriptReceipt(
        status="queued",
        transcript_id=transcript_id,
        message="The transcript is stored; its decisions will follow.",
    ), 202
