"""What the digest asks of the database: SELECTs as named functions."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from decisionlog import clock
from decisionlog.decisions import digest
from decisionlog.decisions.digest_schemas import Digest
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionRelationship, Project, Transcript
from decisionlog.vocabulary import DecisionStatus, RelationshipType

OVERTURNS = (RelationshipType.REVERSED, RelationshipType.SUPERSEDES)
NEEDED = (
    Decision.id,
    Decision.decision_statement,
    Decision.discipline,
    Decision.status,
    Decision.impacts,
    Decision.consensus,
    Decision.anomaly_flags,
)


def project_digest(
    project: Project, date_from: date | None = None, date_to: date | None = None
) -> tuple[Digest, dict[uuid.UUID, str]]:
    """A project's digest, by default of the last seven days, and the words of its decisions."""
    until = date_to or clock.now().date()
    since = date_from or until - timedelta(days=6)
    decisions = _of_period(project.id, since, until)
    overturned = _overturned(project.id, since, until)
    due = _due(project.id, until)
    made = digest.compose(
        project, (since, until), decisions, overturned, due, _meetings(project.id, since, until)
    )
    statements = {row.id: row.decision_statement for row in (*decisions, *overturned, *due)}
    return made, statements


def _alive(project_id: uuid.UUID) -> Select[tuple]:
    return (
        select(*NEEDED)
        .where(Decision.project_id == project_id, Decision.deleted_at.is_(None))
        .order_by(Decision.meeting_date, Decision.timestamp_seconds, Decision.id)
    )


def _of_period(project_id: uuid.UUID, since: date, until: date) -> Sequence[Row]:
    return db.session.execute(
        _alive(project_id).where(Decision.meeting_date.between(since, until))
    ).all()


def _overturned(project_id: uuid.UUID, since: date, until: date) -> Sequence[Row]:
    """Decisions of any time that one of the period reversed or replaced."""
    newer = aliased(Decision, flat=True)
    link = DecisionRelationship
    by_the_period = (
        select(link.to_id)
        .join(newer, newer.id == link.from_id)
        .where(
            link.type.in_(OVERTURNS),
            link.removed_at.is_(None),
            link.confirmed_at.is_not(None),
            newer.project_id == project_id,
            newer.deleted_at.is_(None),
            newer.meeting_date.between(since, until),
        )
    )
    return db.session.execute(_alive(project_id).where(Decision.id.in_(by_the_period))).all()


def _due(project_id: uuid.UUID, until: date) -> Sequence[Row]:
    """What must be looked at again by the end of the period and still counts."""
    live = (DecisionStatus.PROPOSED, DecisionStatus.APPROVED)
    return db.session.execute(
        _alive(project_id).where(Decision.review_on <= until, Decision.status.in_(live))
    ).all()


def _meetings(project_id: uuid.UUID, since: date, until: date) -> int:
    return (
        db.session.scalar(
            select(func.count(Transcript.id)).where(
                Transcript.project_id == project_id,
                Transcript.meeting_date.between(since, until),
            )
        )
        or 0
    )
