"""Search over a project: what was decided, and what was said."""

import uuid

from flask import request

from decisionlog.auth.guard import current_user
from decisionlog.decisions import access, bp, present, search_queries, words
from decisionlog.decisions.search_schemas import SearchAnswer, SearchQuery
from decisionlog.http.openapi import operation


@bp.get("/projects/<uuid:project_id>/search")
@operation(query=SearchQuery, returns=SearchAnswer, problems=(404, 422), tag="search")
def search_project(project_id: uuid.UUID) -> SearchAnswer:
    """Decisions and passages of transcripts that hold every word, the best first

    English and Portuguese: accents, case and number make no difference. Words in quotation marks
    stand together; the last word may be the beginning of one. Clients find decisions only.
    """
    query: SearchQuery = request.context.query
    user = current_user()
    access.project(user, project_id)
    asked = words.parse(query.q)
    decisions, decision_total = search_queries.found_decisions(
        user, project_id, asked, query.limit, query.offset
    )
    passages, passage_total = [], 0
    if not user.is_client:
        passages, passage_total = search_queries.found_passages(
            project_id, asked, query.limit, query.offset
        )
    return SearchAnswer(
        decisions=[present.found_decision(row, asked, user.is_client) for row in decisions],
        total_decisions=decision_total,
        passages=[present.found_passage(row, asked) for row in passages],
        total_passages=passage_total,
        limit=query.limit,
        offset=query.offset,
    )
