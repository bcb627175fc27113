"""Decisions: the list with its filters, and one in full."""

import uuid

from flask import Response, current_app, request

from decisionlog.auth.guard import current_user
from decisionlog.decisions import (
    access,
    bp,
    link_queries,
    listing,
    present,
    queries,
    search_queries,
)
from decisionlog.decisions.schemas import DecisionDetail, DecisionList, DecisionPage, DecisionQuery
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.models import Decision, Transcript, User


@bp.get("/projects/<uuid:project_id>/decisions")
@operation(query=DecisionQuery, returns=DecisionList, problems=(404, 422), tag="decisions")
def list_decisions(project_id: uuid.UUID) -> Response:
    """A project's decisions, filtered and in order, with the counts of each facet"""
    query: DecisionQuery = request.context.query
    user = current_user()
    access.project(user, project_id)
    rows, next_cursor = queries.decisions_page(user, project_id, query)
    facets, total = present.facets(queries.decision_counts(user, project_id, query))
    page = DecisionPage(**query.page(total), next_cursor=next_cursor, facets=facets)
    body = listing.page_json(user, rows, page)
    return current_app.response_class(body, mimetype="application/json")


@bp.get("/decisions/<uuid:decision_id>")
@operation(returns=DecisionDetail, problems=(404,), tag="decisions")
def get_decision(decision_id: uuid.UUID) -> Response:
    """A decision with its transcript excerpt, meeting and relationships"""
    user = current_user()
    return answer_detail(user, access.decision(user, decision_id))


def answer_detail(user: User, row: Decision) -> Response:
    """A decision in full, as the user may see it. Its ETag begins with its version: the rest tells
    what may change without one, such as relationships."""
    transcript = db.session.get(Transcript, row.transcript_id) if row.transcript_id else None
    detail = present.decision_detail(
        row,
        user.is_client,
        transcript,
        link_queries.relationships(user, row.id),
        [present.similar(*found) for found in search_queries.similar_decisions(user, row)],
    )
    response = current_app.response_class(detail.model_dump_json(), mimetype="application/json")
    response.add_etag()
    response.set_etag(f"{row.version}-{response.get_etag()[0]}")
    return response
