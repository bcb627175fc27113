"""What the record is asked for about relationships: SELECTs as named functions."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, or_, select

from decisionlog.decisions.access import visible_decisions
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionRelationship, Project, User
from decisionlog.vocabulary import RelationshipType

_THIS = bindparam("decision_id")
# Both are of one project (`links.make`), which the user sees if they see this one.
_RELATIONSHIPS = (
    select(DecisionRelationship, Decision.id, Decision.decision_statement)
    .join(
        Decision,
        Decision.id
        == case(
            (DecisionRelationship.from_id == _THIS, DecisionRelationship.to_id),
            else_=DecisionRelationship.from_id,
        ),
    )
    .where(
        or_(DecisionRelationship.from_id == _THIS, DecisionRelationship.to_id == _THIS),
        DecisionRelationship.removed_at.is_(None),
    )
    .order_by(DecisionRelationship.created_at, DecisionRelationship.id)
)


def relationships(user: User, decision_id: uuid.UUID) -> Sequence[Row[Any]]:
    """Rows of (DecisionRelationship, the other decision's id, its statement), both directions,
    of a decision that the user may see, where they may see the other one too."""
    return db.session.execute(
        _RELATIONSHIPS.where(visible_decisions(user)), {"decision_id": decision_id}
    ).all()


def lock_project(project_id: uuid.UUID) -> None:
    """Make whoever links decisions of the project wait for this transaction (PostgreSQL; SQLite
    has one writer anyway)."""
    db.session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


def relationship_between(
    from_id: uuid.UUID, to_id: uuid.UUID, kind: RelationshipType
) -> DecisionRelationship | None:
    """The relationship, removed or not; conflicts is the same from both sides."""
    link = DecisionRelationship
    same = (link.from_id == from_id) & (link.to_id == to_id)
    if kind == RelationshipType.CONFLICTS:
        same = same | ((link.from_id == to_id) & (link.to_id == from_id))
    return db.session.scalar(select(link).where(same, link.type == kind))


def relationship_type(relationship_id: uuid.UUID) -> RelationshipType | None:
    return db.session.scalar(
        select(DecisionRelationship.type).where(DecisionRelationship.id == relationship_id)
    )


def is_superseded(decision_id: uuid.UUID) -> bool:
    """Whether a confirmed relationship says that another decision replaces it."""
    link = DecisionRelationship
    found = select(link.id).where(
        link.to_id == decision_id,
        link.type == RelationshipType.SUPERSEDES,
        link.removed_at.is_(None),
        link.confirmed_at.is_not(None),
    )
    return db.session.scalar(found.limit(1)) is not None


def edges(project_id: uuid.UUID, *kinds: RelationshipType) -> Sequence[Row[Any]]:
    """Rows of (from_id, to_id, type): the confirmed relationships of a project."""
    return db.session.execute(_edges(project_id, kinds)).all()


def visible_edges(
    user: User, project_id: uuid.UUID, kinds: Collection[RelationshipType]
) -> Sequence[Row[Any]]:
    """The rows of `edges` whose both ends the user may see."""
    visible = select(Decision.id).where(Decision.project_id == project_id, visible_decisions(user))
    link = DecisionRelationship
    return db.session.execute(
        _edges(project_id, kinds).where(link.from_id.in_(visible), link.to_id.in_(visible))
    ).all()


def _edges(project_id: uuid.UUID, kinds: Collection[RelationshipType]) -> Select[Any]:
    link = DecisionRelationship
    return (
        select(link.from_id, link.to_id, link.type)
        .join(Decision, Decision.id == link.from_id)
        .where(
            Decision.project_id == project_id,
            link.type.in_(kinds),
            link.removed_at.is_(None),
            link.confirmed_at.is_not(None),
        )
        .order_by(link.created_at, link.id)
    )


def briefs(user: User, decision_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Row[Any]]:
    """Rows of (id, decision_statement, meeting_date, status) by id, where they may be seen."""
    found = db.session.execute(
        select(
            Decision.id, Decision.decision_statement, Decision.meeting_date, Decision.status
        ).where(Decision.id.in_(decision_ids), visible_decisions(user))
    )
    return {row.id: row for row in found}
