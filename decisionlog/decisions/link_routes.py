"""Relationships between decisions, and where they lead."""

import uuid

from flask import request

from decisionlog.auth.guard import current_user, require_director
from decisionlog.decisions import access, bp, link_queries, links, present
from decisionlog.decisions.bodies import Chain, RelationshipInput
from decisionlog.decisions.schemas import Relationship
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.vocabulary import RelationshipType


@bp.post("/decisions/<uuid:decision_id>/relationships")
@operation(
    body=RelationshipInput,
    returns=Relationship,
    status=201,
    problems=(403, 404, 409, 412, 422),
    tag="relationships",
)
def create_relationship(decision_id: uuid.UUID) -> tuple[Relationship, int]:
    """Relate a decision to another one, or confirm what was suggested

    `supersedes` takes a director: the other decision is then superseded.
    """
    given: RelationshipInput = request.context.json
    user = current_user()
    decision = access.decision(user, decision_id)
    access.require_contributor(user, decision.project_id)
    if given.type == RelationshipType.SUPERSEDES:
        require_director()
    other = access.decision(user, given.decision_id)
    link = links.make(decision, other, given.type, user)
    db.session.commit()
    return present.relationship(decision, link, other.id, other.decision_statement), 201


@bp.delete("/decisions/<uuid:decision_id>/relationships/<uuid:relationship_id>")
@operation(status=204, problems=(403, 404, 412), tag="relationships")
def remove_relationship(decision_id: uuid.UUID, relationship_id: uuid.UUID) -> tuple[str, int]:
    """Take a relationship away

    `supersedes` takes a director: what was superseded is a proposal again.
    """
    user = current_user()
    decision = access.decision(user, decision_id)
    access.require_contributor(user, decision.project_id)
    if link_queries.relationship_type(relationship_id) == RelationshipType.SUPERSEDES:
        require_director()
    links.remove(decision, relationship_id, user)
    db.session.commit()
    return "", 204


@bp.get("/decisions/<uuid:decision_id>/chain")
@operation(returns=Chain, problems=(404,), tag="relationships")
def decision_chain(decision_id: uuid.UUID) -> Chain:
    """What led to a decision, and what came of it

    Along the confirmed relationships triggered, reversed and supersedes, as far as they go.
    """
    user = current_user()
    decision = access.decision(user, decision_id)
    edges = link_queries.visible_edges(user, decision.project_id, links.LEADS_ON)
    onward = links.walk(decision.id, edges)
    back = links.walk(decision.id, [(target, source, kind) for source, target, kind in edges])
    known = link_queries.briefs(user, [step[0] for step in (*onward, *back)])
    return Chain(
        decision_id=decision.id,
        causes=[present.chain_link(known, *step) for step in back],
        consequences=[present.chain_link(known, *step) for step in onward],
    )
