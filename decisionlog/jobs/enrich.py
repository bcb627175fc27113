"""What the record says about a meeting's decisions, before any of them is stored."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import load_only

from decisionlog.extensions import db
from decisionlog.extraction import consistency
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import (
    Comparer,
    Comparison,
    ExtractionError,
    Extractor,
    GroundedDecision,
    Pair,
    Precedent,
)
from decisionlog.extraction.enrichment import enrich
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs import leases, precedents, store
from decisionlog.models import Transcript
from decisionlog.vocabulary import RunStatus

log = structlog.get_logger()
BATCH = 100  # decisions looked up between two renewals: a meeting of 10 MB has thousands


def enriched(lease: leases.Lease, extractor: Extractor, outcome: Outcome) -> Outcome:
    """The outcome with flags, precedent and, from an extractor that compares, findings.

    The comparison is one call for the meeting, about decisions that are new and have precedents;
    its tokens are added to the outcome's. Where it fails, the outcome is partial and says so: the
    decisions themselves are worth more than what they contradict. The lease is renewed all the
    while, and no transaction is open while the network answers. Raises LeaseLost.
    """
    nearest = _look_up(lease, outcome.decisions)
    pairs: list[tuple[int, Pair]] = []
    if isinstance(extractor, Comparer):
        new = _new(lease, outcome.decisions)
        pairs = consistency.pairs_of(
            [
                (found, near if id(found) in new else ())
                for found, near in zip(outcome.decisions, nearest, strict=True)
            ]
        )
    compared = Comparison({})
    if pairs:
        compared, outcome = _compare(lease, extractor, [pair for _, pair in pairs], outcome)
    findings = consistency.by_decision(pairs, compared.findings)
    decisions = tuple(
        enrich(found, nearest[position], findings.get(position, ()))
        for position, found in enumerate(outcome.decisions)
    )
    return replace(outcome, decisions=decisions)


def _look_up(
    lease: leases.Lease, decisions: Sequence[GroundedDecision]
) -> list[Sequence[Precedent]]:
    """The precedents of each decision."""
    found: list[Sequence[Precedent]] = []
    for start in range(0, len(decisions), BATCH):
        statements = [item.draft.statement for item in decisions[start : start + BATCH]]
        found += precedents.of(_row(lease), statements)
        leases.renew(lease)
    return found


def _new(lease: leases.Lease, decisions: Sequence[GroundedDecision]) -> set[int]:
    """The `id()`s of those that are not in the record already, as far as can be told by now."""
    touched = store.touched(lease.transcript_id)
    new = {id(found) for found in store.without_known(decisions, touched)}
    # No transaction may stay open while the network answers.
    db.session.rollback()
    return new


def _row(lease: leases.Lease) -> Transcript:
    """The transcript without its text, which may have 10 MB."""
    statement = select(Transcript).where(Transcript.id == lease.transcript_id)
    columns = load_only(Transcript.project_id, Transcript.meeting_date)
    return db.session.scalars(statement.options(columns)).one()


def _compare(
    lease: leases.Lease, comparer: Comparer, pairs: list[Pair], outcome: Outcome
) -> tuple[Comparison, Outcome]:
    """The answer, and the outcome with what it took; without findings where the call failed."""
    try:
        compared, reason = leases.while_renewing(lease, lambda: comparer.compare(pairs)), None
    except ExtractionError as error:
        log.warning("comparison failed", error=str(error))
        compared = Comparison({}, error.usage)
        reason = f"no comparison with earlier decisions: {error}"
    return compared, replace(
        outcome,
        usage=outcome.usage + compared.usage,
        cost_usd=_sum(outcome.cost_usd, cost_usd(compared.usage, comparer.model)),
        prompt_version=f"{outcome.prompt_version}, {comparer.comparison_prompt_version}",
        status=RunStatus.PARTIAL if reason else outcome.status,
        reasons=(*outcome.reasons, reason) if reason else outcome.reasons,
    )


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """None where either is unknown."""
    return None if one is None or other is None else one + other
