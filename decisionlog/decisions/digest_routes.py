"""The digest: what a period brought."""

import uuid

from flask import Response, current_app, request

from decisionlog.auth.guard import current_user
from decisionlog.decisions import access, bp, digest, digest_queries
from decisionlog.decisions.digest_schemas import Digest, DigestQuery
from decisionlog.http.openapi import operation


@bp.get("/projects/<uuid:project_id>/digest")
@operation(query=DigestQuery, returns=Digest, problems=(403, 404, 422), tag="digest")
def project_digest(project_id: uuid.UUID) -> Digest | Response:
    """What changed, what is contested, what was reversed and what waits (directors)

    With `format=md` the same as Markdown, to be sent around.
    """
    query: DigestQuery = request.context.query
    user = current_user()
    project = access.project(user, project_id)
    access.require_director(user)
    made, statements = digest_queries.project_digest(project, query.date_from, query.date_to)
    if query.format == "json":
        return made
    text = digest.markdown(made, statements)
    return current_app.response_class(text, mimetype="text/markdown")
