"""What people do with a decision: make, edit, review, delete, restore, and look back."""

import uuid

from flask import Response, request

from decisionlog.auth.guard import current_user, require_director
from decisionlog.decisions import access, bp, present, queries, revisions
from decisionlog.decisions.bodies import DecisionChange, History, ManualDecision, Review, Reviewed
from decisionlog.decisions.decision_routes import answer_detail
from decisionlog.decisions.schemas import DecisionDetail
from decisionlog.errors import PreconditionFailed
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.models import Decision


@bp.post("/projects/<uuid:project_id>/decisions")
@operation(
    body=ManualDecision,
    returns=DecisionDetail,
    status=201,
    problems=(403, 404, 422),
    tag="decisions",
)
def create_decision(project_id: uuid.UUID) -> Response:
    """Record a decision made outside a meeting"""
    user = current_user()
    access.project(user, project_id)
    access.require_contributor(user, project_id)
    decision = revisions.make(project_id, request.context.json, user)
    db.session.commit()
    response = answer_detail(user, decision)
    response.status_code = 201
    response.headers["Location"] = f"/decisions/{decision.id}"
    return response


@bp.patch("/decisions/<uuid:decision_id>")
@operation(
    body=DecisionChange,
    returns=DecisionDetail,
    problems=(403, 404, 409, 412, 422),
    tag="decisions",
)
def change_decision(decision_id: uuid.UUID) -> Response:
    """Edit or review a decision

    Members edit the text of proposals; directors edit anything, approve and reject. Send the
    `ETag` that you read as `If-Match`, and nobody's change is lost: 412 tells you to read again.
    """
    user = current_user()
    decision = access.decision(user, decision_id)
    access.require_contributor(user, decision.project_id)
    _require_match(decision)
    revisions.change(decision, request.context.json, user)
    db.session.commit()
    return answer_detail(user, decision)


@bp.post("/projects/<uuid:project_id>/decisions/review")
@operation(body=Review, returns=Reviewed, problems=(403, 404, 409, 412, 422), tag="decisions")
def review_decisions(project_id: uuid.UUID) -> Reviewed:
    """Approve or reject up to 200 decisions: all of them, or none"""
    given: Review = request.context.json
    user = current_user()
    access.project(user, project_id)
    require_director()
    decisions = access.decisions(user, project_id, given.decision_ids)
    revisions.review(decisions, given, user)
    db.session.commit()
    by_id = {decision.id: decision for decision in decisions}
    ordered = [by_id[key] for key in dict.fromkeys(given.decision_ids)]
    return Reviewed(decisions=[present.decision(row, user.is_client) for row in ordered])


@bp.delete("/decisions/<uuid:decision_id>")
@operation(status=204, problems=(403, 404, 412), tag="decisions")
def delete_decision(decision_id: uuid.UUID) -> tuple[str, int]:
    """Delete a decision; it can be restored"""
    user = current_user()
    decision = access.decision(user, decision_id)
    access.require_owner(user, decision.project_id)
    _require_match(decision)
    revisions.delete(decision, user)
    db.session.commit()
    return "", 204


@bp.post("/decisions/<uuid:decision_id>/restore")
@operation(returns=DecisionDetail, problems=(403, 404, 412), tag="decisions")
def restore_decision(decision_id: uuid.UUID) -> Response:
    """Bring a deleted decision back"""
    user = current_user()
    decision = access.deleted_decision(user, decision_id)
    access.require_owner(user, decision.project_id)
    revisions.restore(decision, user)
    db.session.commit()
    return answer_detail(user, decision)


@bp.get("/decisions/<uuid:decision_id>/history")
@operation(returns=History, problems=(403, 404), tag="decisions")
def decision_history(decision_id: uuid.UUID) -> History:
    """Every version of a decision, the newest first: who changed what, and when"""
    user = current_user()
    decision = access.decision(user, decision_id)
    access.require_colleague(user)
    return History(versions=[present.version(*row) for row in queries.versions(decision.id)])


def _require_match(decision: Decision) -> None:
    """RFC 9110, 13.1.1, by the version that an ETag begins with: nothing else is lost by a PATCH,
    so what else has changed does not matter, nor that a proxy which compressed the answer has made
    its ETag a weak one. Raises PreconditionFailed."""
    asked = request.if_match
    versions = {tag.partition("-")[0] for tag in asked.as_set(include_weak=True)}
    if asked and not asked.star_tag and str(decision.version) not in versions:
        raise PreconditionFailed
