"""The record as a file to take away."""

import uuid
from collections.abc import Iterator
from typing import Any

from flask import request, stream_with_context
from werkzeug.utils import secure_filename

from decisionlog import audit, clock, exports
from decisionlog.auth.guard import current_user
from decisionlog.decisions import access, bp, present, queries
from decisionlog.decisions.schemas import ExportQuery
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.models import User


@bp.get("/projects/<uuid:project_id>/export")
@operation(
    query=ExportQuery,
    problems=(404, 422),
    media=tuple({form.MIMETYPE: None for form in exports.FORMATS.values()}),
    tag="export",
)
def export_project(project_id: uuid.UUID) -> tuple[Iterator[bytes], int, dict[str, str]]:
    """A project's decisions as a file

    CSV for spreadsheets, JSON as the API shows them, Markdown as MADR records in one file (`md`)
    or one a decision (`zip`). Filters and order are those of the list.
    """
    query: ExportQuery = request.context.query
    user = current_user()
    project = access.project(user, project_id)
    form = exports.FORMATS[query.format]
    name = f"{secure_filename(project.name) or 'project'}-{clock.now().date()}.{form.EXTENSION}"
    content = form.write(project.name, _records(user, project_id, query))
    audit.record("project.exported", user_id=user.id, project_id=project_id, format=query.format)
    db.session.commit()
    # Not a Response: the validation of answers would read it whole.
    return (
        stream_with_context(content),
        200,
        {
            "Content-Type": f"{form.MIMETYPE}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _records(user: User, project_id: uuid.UUID, query: ExportQuery) -> Iterator[dict[str, Any]]:
    # The query is made now, while the user is at hand; the rows come as they are sent.
    rows, for_client = queries.every_decision(user, project_id, query), user.is_client
    return (present.decision(row, for_client).model_dump(mode="json") for row in rows)
