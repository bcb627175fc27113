"""The digest: what a period brought."""

import uuid

from flask import abort, current_app, request

from decisionlog.auth.guard import current_user, require_director
from decisionlog.decisions import access, bp, digest, digest_queries
from decisionlog.decisions.digest_schemas import Digest, DigestQuery
from decisionlog.http.openapi import operation


@bp.get("/projects/<uuid:project_id>/digest")
@operation(
    query=DigestQuery,
    returns=Digest,
    problems=(403, 404, 422),
    media=("text/markdown",),
    tag="digest",
)
def project_digest(project_id: uuid.UUID) -> Digest:
    """What changed, what is contested, what was reversed and what waits (directors)

    With `format=md` the same as Markdown, to be sent around.
    """
    query: DigestQuery = request.context.query
    user = current_user()
    project = access.project(user, project_id)
    require_director()
    made, statements = digest_queries.project_digest(project, query.date_from, query.date_to)
    if query.format == "md":
        text = digest.markdown(made, statements)
        # Returned, it would be validated as the JSON that the document promises.
        abort(current_app.response_class(text, mimetype="text/markdown"))
    return made
