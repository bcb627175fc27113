"""Rows of the database as the wire shows them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from decisionlog import models
from decisionlog.decisions import schemas
from decisionlog.transcripts.transcript import timestamp
from decisionlog.vocabulary import DecisionStatus


def decision(row: models.Decision) -> schemas.Decision:
    return schemas.Decision(**_fields(row))


def decision_detail(
    row: models.Decision,
    transcript: models.Transcript | None,
    links: Sequence[Row[Any]],
    similar: Iterable[schemas.SimilarDecision] = (),
) -> schemas.DecisionDetail:
    return schemas.DecisionDetail(
        **_fields(row),
        transcript_excerpt=row.excerpt,
        meeting=_meeting(row, transcript),
        similar_decisions=list(similar),
        relationships=[_relationship(row, *link) for link in links],
        version=row.version,
    )


def _fields(row: models.Decision) -> dict[str, Any]:
    copied = {
        name: getattr(row, name)
        for name in schemas.Decision.model_fields
        if name not in ("timestamp", "approved")
    }
    return copied | {
        "timestamp": None if row.timestamp_seconds < 0 else timestamp(row.timestamp_seconds),
        "approved": row.status == DecisionStatus.APPROVED,
    }


def _meeting(row: models.Decision, transcript: models.Transcript | None) -> schemas.Meeting:
    return schemas.Meeting(
        id=transcript.meeting_id if transcript else None,
        title=row.meeting_title,
        type=row.meeting_type,
        date=row.meeting_date,
        duration_minutes=transcript.duration_minutes if transcript else None,
        participants=row.meeting_participants,
    )


def _relationship(
    row: models.Decision, link: models.DecisionRelationship, other_id: Any, statement: str
) -> schemas.Relationship:
    return schemas.Relationship(
        id=link.id,
        type=link.type,
        direction="outgoing" if link.from_id == row.id else "incoming",
        decision_id=other_id,
        decision_statement=statement,
        confirmed=link.confirmed_at is not None,
    )


def facets(counts: Sequence[Row[Any]]) -> tuple[schemas.Facets, int]:
    """The facets and the total, from rows of (discipline, meeting_type, status, count)."""
    disciplines, meeting_types, statuses = Counter(), Counter(), Counter()
    for discipline, meeting_type, status, count in counts:
        disciplines[discipline] += count
        statuses[status] += count
        if meeting_type is not None:
            meeting_types[meeting_type] += count
    total = sum(statuses.values())
    return schemas.Facets(
        disciplines=dict(disciplines), meeting_types=dict(meeting_types), statuses=dict(statuses)
    ), total


def project(row: Row[Any]) -> schemas.Project:
    return schemas.Project(**_project_fields(row))


def project_detail(
    row: Row[Any], members: Sequence[Row[Any]], counts: Sequence[Row[Any]]
) -> schemas.ProjectDetail:
    disciplines, meeting_types, last_week = Counter(), Counter(), 0
    for discipline, meeting_type, count, recent in counts:
        disciplines[discipline] += count
        last_week += recent
        if meeting_type is not None:
            meeting_types[meeting_type] += count
    return schemas.ProjectDetail(
        **_project_fields(row),
        members=[schemas.Member.model_validate(member) for member in members],
        stats=schemas.ProjectStats(
            total_decisions=disciplines.total(),
            decisions_last_week=last_week,
            decisions_by_discipline=dict(disciplines),
            decisions_by_meeting_type=dict(meeting_types),
        ),
    )


def _project_fields(row: Row[Any]) -> dict[str, Any]:
    found, member_count, decision_count, latest_decision = row
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "created_at": found.created_at,
        "member_count": member_count,
        "decision_count": decision_count,
        "latest_decision": latest_decision,
    }


def transcript(row: models.Transcript) -> schemas.Transcript:
    return schemas.Transcript.model_validate(row)


def transcript_detail(
    row: models.Transcript, runs: Sequence[models.ExtractionRun], decision_count: int
) -> schemas.TranscriptDetail:
    return schemas.TranscriptDetail(
        **transcript(row).model_dump(),
        runs=[schemas.Run.model_validate(run) for run in runs],
        decision_count=decision_count,
    )
