"""What an extraction found, stored in one transaction or not at all."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, and_, not_, or_, select

from decisionlog import audit, clock
from decisionlog.decisions import announcements, search
from decisionlog.extensions import db
from decisionlog.extraction import consistency
from decisionlog.extraction.drafts import Evidence, GroundedDecision, Verdict
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs import batches, leases
from decisionlog.models import (
    Decision,
    DecisionRelationship,
    DecisionVersion,
    ExtractionRun,
    Transcript,
)
from decisionlog.transcripts import Transcript as Speech
from decisionlog.vocabulary import (
    DecisionSource,
    DecisionStatus,
    RelationshipType,
    TranscriptStatus,
)

EXCERPT_MARGIN = 400
BATCH = 100  # decisions written at once: a meeting of 10 MB has thousands
SUGGESTED = {
    Verdict.REVERSES: RelationshipType.REVERSED,
    Verdict.CONFLICTS: RelationshipType.CONFLICTS,
}


def store_outcome(
    lease: leases.Lease, run: ExtractionRun, outcome: Outcome, speech: Speech
) -> None:
    """Store run, decisions, status and what is searched for, and commit.

    Proposals of earlier runs that nobody has touched give way; what people have reviewed, edited,
    linked or deleted stays as it is, and is not found a second time.
    Raises LeaseLost when the transcript is no longer this claim's; nothing is stored then.
    """
    now = clock.now()
    # First of all, since it locks the row: from here on no other worker can take it over.
    leases.release(
        lease,
        status=TranscriptStatus.PROCESSED,
        processed_at=now,
        last_error=run.error,
        **batches.NOTHING_SENT,
    )
    row = db.session.scalar(select(Transcript).where(Transcript.id == lease.transcript_id))
    _retire_untouched(row.id)
    fresh = without_known(outcome.decisions, touched(row.id))
    run.id = uuid.uuid4()
    run.decision_count = len(fresh)
    # Nothing tells the session which of these rows point at which: each kind goes out by itself.
    db.session.add(run)
    db.session.flush()
    for start in range(0, len(fresh), BATCH):
        _add(row, run, fresh[start : start + BATCH], speech.text)
    search.index_passages(row.id, speech)
    audit.record(
        "transcript.processed",
        project_id=row.project_id,
        subject_id=row.id,
        decisions=len(fresh),
        rejected=len(outcome.rejected),
    )
    db.session.commit()


def _add(row: Transcript, run: ExtractionRun, found: list[GroundedDecision], text: str) -> None:
    decisions = [_decision(row, run, item, text) for item in found]
    db.session.add_all(decisions)
    db.session.flush()
    db.session.add_all(
        DecisionVersion(decision_id=decision.id, version=1, changed_at=decision.created_at)
        for decision in decisions
    )
    for decision, item in zip(decisions, found, strict=True):
        db.session.add_all(_suggestions(decision, item))
    db.session.flush()
    for decision in decisions:
        search.index(decision)
        announcements.announce(decision)


def _suggestions(decision: Decision, found: GroundedDecision) -> list[DecisionRelationship]:
    """Relationships that nobody has confirmed, so that they count for nothing yet."""
    return [
        DecisionRelationship(
            from_id=decision.id,
            to_id=finding.earlier.decision_id,
            type=SUGGESTED[finding.verdict],
        )
        for finding in found.findings
        if finding.verdict in SUGGESTED
    ]


def without_known(
    found: Iterable[GroundedDecision], known: Iterable[Decision]
) -> list[GroundedDecision]:
    """`found` without those that are in the record already, one for each that is known.

    Of several finds at the words of a known decision it is the one that reads most like it.
    """
    fresh = list(found)
    for decision in known:
        there = [item for item in fresh if _shares_words(item, decision)]
        if there:
            statement = decision.decision_statement
            fresh.remove(max(there, key=lambda item: fuzz.ratio(item.draft.statement, statement)))
    return fresh


def _shares_words(found: GroundedDecision, decision: Decision) -> bool:
    first = found.evidence[0]
    return any(
        known["start"] < first.end and first.start < known["end"] for known in decision.evidence[:1]
    )


def _touched_by_people() -> ColumnElement[bool]:
    """A person reviewed, edited, deleted or linked it, or took a suggestion away. What machines
    change leaves no name."""
    versions = select(DecisionVersion.id).where(
        DecisionVersion.decision_id == Decision.id, DecisionVersion.changed_by.is_not(None)
    )
    links = select(DecisionRelationship.id).where(
        or_(DecisionRelationship.from_id == Decision.id, DecisionRelationship.to_id == Decision.id),
        or_(
            DecisionRelationship.confirmed_at.is_not(None),
            DecisionRelationship.removed_at.is_not(None),
        ),
    )
    return or_(Decision.status != DecisionStatus.PROPOSED, versions.exists(), links.exists())


def _of_meeting(transcript_id: uuid.UUID) -> ColumnElement[bool]:
    return and_(Decision.transcript_id == transcript_id, Decision.source == DecisionSource.MEETING)


def touched(transcript_id: uuid.UUID) -> list[Decision]:
    """The meeting's decisions that a rerun must leave as they are, deleted ones too."""
    return list(
        db.session.scalars(
            select(Decision)
            .where(_of_meeting(transcript_id), _touched_by_people())
            .order_by(Decision.created_at, Decision.id)
        )
    )


def _retire_untouched(transcript_id: uuid.UUID) -> None:
    now = clock.now()
    untouched = select(Decision).where(
        _of_meeting(transcript_id), Decision.deleted_at.is_(None), not_(_touched_by_people())
    )
    for decision in db.session.scalars(untouched).all():
        decision.deleted_at = now
        db.session.flush()
        db.session.add(
            DecisionVersion(
                decision_id=decision.id,
                version=decision.version,
                changed_at=now,
                changes={"deleted_at": [None, clock.iso(now)]},
            )
        )
        search.remove(decision.id)


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
        anomaly_flags=[asdict(flag) for flag in found.flags],
        has_anomalies=bool(found.flags),
        consistency_notes=consistency.notes(found.findings),
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
