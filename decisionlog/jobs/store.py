"""What an extraction found, stored in one transaction or not at all."""

import uuid
from typing import Any

from sqlalchemy import select

from decisionlog import audit, clock
from decisionlog.decisions import search
from decisionlog.extensions import db
from decisionlog.extraction.drafts import Evidence, GroundedDecision
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs import leases
from decisionlog.models import Decision, DecisionVersion, ExtractionRun, Transcript
from decisionlog.vocabulary import DecisionSource, DecisionStatus, TranscriptStatus

EXCERPT_MARGIN = 400


def store_outcome(lease: leases.Lease, run: ExtractionRun, outcome: Outcome, text: str) -> None:
    """Store run, decisions and status, and commit. `text` is the transcript's canonical text.

    Proposals of earlier runs that nobody has touched give way; what people have reviewed or
    edited stays, and a new find at the same words is not stored beside it.
    Raises LeaseLost when the transcript is no longer this claim's; nothing is stored then.
    """
    now = clock.now()
    # First of all, since it locks the row: from here on no other worker can take it over.
    leases.release(lease, status=TranscriptStatus.PROCESSED, processed_at=now, last_error=run.error)
    row = db.session.scalar(select(Transcript).where(Transcript.id == lease.transcript_id))
    kept = _retire_untouched(row)
    fresh = [found for found in outcome.decisions if not _stands_in(found, kept)]
    run.id = uuid.uuid4()
    run.decision_count = len(fresh)
    db.session.add(run)
    db.session.flush()
    for found in fresh:
        decision = _decision(row, run, found, text)
        db.session.add(decision)
        db.session.flush()
        db.session.add(DecisionVersion(decision_id=decision.id, version=1, changed_at=now))
        search.index(decision)
    audit.record(
        "transcript.processed",
        project_id=row.project_id,
        subject_id=row.id,
        decisions=len(fresh),
        rejected=len(outcome.rejected),
    )
    db.session.commit()


def _retire_untouched(row: Transcript) -> list[Decision]:
    """Soft-delete the earlier proposals that are as they were made; returns the others."""
    earlier = db.session.scalars(
        select(Decision).where(
            Decision.transcript_id == row.id,
            Decision.source == DecisionSource.MEETING,
        )
    )
    kept = []
    for decision in earlier:
        untouched = decision.version == 1 and decision.status == DecisionStatus.PROPOSED
        if decision.deleted_at is None and untouched:
            decision.deleted_at = clock.now()
            search.remove(decision.id)
        elif not untouched:
            kept.append(decision)
    db.session.flush()
    return kept


def _stands_in(found: GroundedDecision, kept: list[Decision]) -> bool:
    first = found.evidence[0]
    return any(
        known["start"] < first.end and first.start < known["end"]
        for decision in kept
        for known in decision.evidence[:1]
    )


def _decision(row: Transcript, run: ExtractionRun, found: GroundedDecision, text: str) -> Decision:
    draft, first = found.draft, found.evidence[0]
    seconds = first.turn.start
    return Decision(
        id=uuid.uuid4(),
        project_id=row.project_id,
        transcript_id=row.id,
        run_id=run.id,
        decision_statement=draft.statement,
        who=first.speaker[:200],
        timestamp_seconds=-1 if seconds is None else int(seconds),
        quote=first.quote,
        discipline=draft.discipline,
        why=draft.why,
        causation=draft.causation,
        impacts=[{"type": impact.type, "change": impact.change} for impact in draft.impacts],
        evidence=[passage(evidence) for evidence in found.evidence],
        excerpt=excerpt(text, first),
        consensus={str(who): str(position) for who, position in draft.consensus.items()},
        confidence=found.confidence,
        confidence_breakdown=dict(found.confidence_breakdown),
        source=DecisionSource.MEETING,
        review_on=draft.review_on,
        meeting_title=row.meeting_title,
        meeting_type=row.meeting_type,
        meeting_date=row.meeting_date,
        meeting_participants=row.participants,
    )


def passage(evidence: Evidence) -> dict[str, Any]:
    """Evidence as `decisions.evidence` holds it."""
    return {
        "quote": evidence.quote,
        "speaker": evidence.speaker,
        "timestamp": evidence.timestamp,
        "start": evidence.start,
        "end": evidence.end,
    }


def excerpt(text: str, evidence: Evidence) -> dict[str, Any]:
    """The quote with the whole lines around it, some 400 characters to either side."""
    start = text.rfind("\n", 0, max(0, evidence.start - EXCERPT_MARGIN)) + 1
    end = text.find("\n", min(len(text), evidence.end + EXCERPT_MARGIN))
    end = len(text) if end < 0 else end
    # One endless line must not make an endless excerpt.
    start = max(start, evidence.start - 2 * EXCERPT_MARGIN)
    end = min(end, evidence.end + 2 * EXCERPT_MARGIN)
    return {
        "text": text[start:end],
        "start": start,
        "end": end,
        "quote_start": evidence.start - start,
        "quote_end": evidence.end - start,
    }
