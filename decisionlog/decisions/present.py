"""Rows of the database as the wire shows them."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from decisionlog import models
from decisionlog.decisions import bodies, schemas, search_schemas, words
from decisionlog.decisions import similar as similar_module
from decisionlog.transcripts.transcript import timestamp
from decisionlog.vocabulary import DecisionStatus, RelationshipType


def decision(row: models.Decision, for_client: bool) -> schemas.Decision:
    return schemas.Decision(**_fields(row, for_client))


def listed(row: Row[Any], for_client: bool) -> dict[str, Any]:
    """A row of `queries.listed_decisions` as the fields of a `schemas.Decision`, ready to be
    written as they stand: our own rows are not validated, and no model is made of each."""
    fields = row._asdict()
    del fields["version"]
    seconds = fields.pop("timestamp_seconds")
    fields["timestamp"] = None if seconds < 0 else timestamp(seconds)
    fields["approved"] = fields["status"] == DecisionStatus.APPROVED
    return fields | _hidden(for_client)


def decision_detail(
    row: models.Decision,
    for_client: bool,
    transcript: models.Transcript | None,
    links: Sequence[Row[Any]],
    similar: Iterable[schemas.SimilarDecision] = (),
) -> schemas.DecisionDetail:
    return schemas.DecisionDetail(
        **_fields(row, for_client),
        transcript_excerpt=row.excerpt,
        meeting=_meeting(row, transcript),
        similar_decisions=list(similar),
        relationships=[relationship(row, *link) for link in links],
        superseded_by=_successor(row, links),
        version=row.version,
    )


def _hidden(for_client: bool) -> dict[str, Any]:
    """Fields with what clients read instead: the notes quote decisions that they may not see."""
    return {"consistency_notes": ""} if for_client else {}


def _fields(row: models.Decision, for_client: bool) -> dict[str, Any]:
    copied = {
        name: getattr(row, name)
        for name in schemas.Decision.model_fields
        if name not in ("timestamp", "approved")
    }
    return copied | {
        "timestamp": _moment(row.timestamp_seconds),
        "approved": row.status == DecisionStatus.APPROVED,
        **_hidden(for_client),
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


def relationship(
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


def chain_link(
    known: Mapping[uuid.UUID, Row[Any]],
    decision_id: uuid.UUID,
    via: uuid.UUID,
    kind: RelationshipType,
    depth: int,
) -> bodies.ChainLink:
    brief = known[decision_id]
    return bodies.ChainLink(
        decision_id=decision_id,
        decision_statement=brief.decision_statement,
        meeting_date=brief.meeting_date,
        status=brief.status,
        type=kind,
        via=via,
        depth=depth,
    )


def _successor(row: models.Decision, links: Sequence[Row[Any]]) -> schemas.Successor | None:
    for link, other_id, statement in links:
        if link.type == RelationshipType.SUPERSEDES and link.to_id == row.id and link.confirmed_at:
            return schemas.Successor(decision_id=other_id, decision_statement=statement)
    return None


def version(row: models.DecisionVersion, author: str | None) -> bodies.Version:
    return bodies.Version(
        version=row.version,
        changed_by=row.changed_by,
        changed_by_name=author,
        changed_at=row.changed_at,
        changes=[
            bodies.Change(field=field, old=old, new=new)
            for field, (old, new) in sorted(row.changes.items())
        ],
    )


def similar(found: similar_module.Document, score: float) -> schemas.SimilarDecision:
    return schemas.SimilarDecision(
        decision_id=found.decision_id,
        similarity_score=round(score, 4),
        decision_statement=found.statement,
    )


def found_decision(
    row: models.Decision, query: words.Query, for_client: bool
) -> search_schemas.FoundDecision:
    marks = [
        search_schemas.Highlight(field=field, start=start, end=end)
        for field in ("decision_statement", "why", "quote", "who")
        for start, end in words.highlights(getattr(row, field), query)
    ]
    return search_schemas.FoundDecision(decision=decision(row, for_client), highlights=marks)


def found_passage(row: Row[Any], query: words.Query) -> search_schemas.FoundPassage:
    return search_schemas.FoundPassage(
        transcript_id=row.transcript_id,
        meeting_title=row.meeting_title,
        meeting_date=row.meeting_date,
        speaker=row.speaker,
        timestamp=_moment(row.start_seconds),
        char_start=row.char_start,
        text=row.text,
        highlights=[
            search_schemas.Highlight(field="text", start=start, end=end)
            for start, end in words.highlights(row.text, query)
        ],
    )


def _moment(seconds: int) -> str | None:
    return None if seconds < 0 else timestamp(seconds)


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
