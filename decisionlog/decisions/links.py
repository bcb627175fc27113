"""Relationships between the decisions of a project."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from decisionlog import audit, clock
from decisionlog.decisions import link_queries, revisions
from decisionlog.errors import Conflict, Invalid, NotFound
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionRelationship, User
from decisionlog.vocabulary import DecisionStatus, RelationshipType

# What leads from a cause to its consequence. Walking along these never leads back.
LEADS_ON = (RelationshipType.TRIGGERED, RelationshipType.REVERSED, RelationshipType.SUPERSEDES)


def make(
    source: Decision, target: Decision, kind: RelationshipType, by: User
) -> DecisionRelationship:
    """`source` has triggered, reversed, … `target`; a suggestion of the same is confirmed.

    Superseding moves the other decision to `superseded`. Raises Invalid for a decision of another
    project or the same one, Conflict for a link that exists or would close a circle.
    """
    if source.id == target.id or source.project_id != target.project_id:
        raise Invalid.field("decision_id", "must be another decision of the same project")
    link_queries.lock_project(source.project_id)
    link = link_queries.relationship_between(source.id, target.id, kind)
    if link is not None and link.removed_at is None and link.confirmed_at is not None:
        raise Conflict("This relationship exists already.")
    if link is None:
        link = DecisionRelationship(from_id=source.id, to_id=target.id, type=kind)
        db.session.add(link)
    link.created_by, link.confirmed_at, link.removed_at = by.id, clock.now(), None
    _flush()
    # After the flush: whoever writes at the same time is waited for on every database.
    if kind in LEADS_ON and _leads_to(
        target.id, source.id, link_queries.edges(source.project_id, kind)
    ):
        raise Conflict("This would close a circle: the other decision led to this one.")
    if kind == RelationshipType.SUPERSEDES:
        revisions.move(target, DecisionStatus.SUPERSEDED, by)
    _record("relationship.created", link, source, by)
    return link


def remove(decision: Decision, relationship_id: uuid.UUID, by: User) -> None:
    """Take a relationship of the decision away, whichever side it is on.

    What it superseded is a proposal again. Raises NotFound.
    """
    link = db.session.get(DecisionRelationship, relationship_id)
    if link is None or link.removed_at is not None or decision.id not in (link.from_id, link.to_id):
        raise NotFound
    link.removed_at = clock.now()
    db.session.flush()
    if link.type == RelationshipType.SUPERSEDES and link.confirmed_at is not None:
        target = db.session.get(Decision, link.to_id)
        if not link_queries.is_superseded(target.id):
            revisions.move(target, DecisionStatus.PROPOSED, by)
    _record("relationship.removed", link, decision, by)


def walk(
    start: uuid.UUID, edges: Iterable[tuple[uuid.UUID, uuid.UUID, RelationshipType]]
) -> list[tuple[uuid.UUID, uuid.UUID, RelationshipType, int]]:
    """Everything that can be reached along the edges (from, to, type), breadth first.

    Returns (reached, via, type, depth), each decision once, by its shortest way.
    """
    onward = defaultdict(list)
    for source, target, kind in edges:
        onward[source].append((target, kind))
    seen, found, front, depth = {start}, [], [start], 0
    while front:
        depth += 1
        ahead = []
        for via in front:
            for target, kind in onward[via]:
                if target not in seen:
                    seen.add(target)
                    found.append((target, via, kind, depth))
                    ahead.append(target)
        front = ahead
    return found


def _leads_to(
    start: uuid.UUID,
    goal: uuid.UUID,
    edges: Iterable[tuple[uuid.UUID, uuid.UUID, RelationshipType]],
) -> bool:
    return any(reached == goal for reached, *_ in walk(start, edges))


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict("This relationship exists already.") from error


def _record(event: str, link: DecisionRelationship, decision: Decision, by: User) -> None:
    audit.record(
        event,
        user_id=by.id,
        project_id=decision.project_id,
        subject_id=link.id,
        type=link.type,
        from_id=str(link.from_id),
        to_id=str(link.to_id),
    )
