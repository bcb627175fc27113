"""The tokens with which senders that can't sign post transcripts to a project."""

import uuid

from flask import request

from decisionlog.auth.guard import current_user
from decisionlog.decisions import access, bp
from decisionlog.decisions.schemas import (
    IngestToken,
    IngestTokenInput,
    IngestTokenList,
    NewIngestToken,
)
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.http.pagination import PageQuery
from decisionlog.models import User
from decisionlog.webhook import ingest_tokens


@bp.get("/projects/<uuid:project_id>/ingest-tokens")
@operation(query=PageQuery, returns=IngestTokenList, problems=(403, 404, 422), tag="ingest tokens")
def list_ingest_tokens(project_id: uuid.UUID) -> IngestTokenList:
    """A project's ingest tokens, the newest first

    For directors and the project's owners. The tokens themselves are shown once, when made.
    """
    query: PageQuery = request.context.query
    _manager(project_id)
    rows, total = ingest_tokens.page(project_id, query.limit, query.offset)
    return IngestTokenList(
        ingest_tokens=[IngestToken.model_validate(row) for row in rows],
        **query.page(total),
    )


@bp.post("/projects/<uuid:project_id>/ingest-tokens")
@operation(
    body=IngestTokenInput,
    returns=NewIngestToken,
    status=201,
    problems=(403, 404, 422),
    tag="ingest tokens",
)
def create_ingest_token(project_id: uuid.UUID) -> tuple[NewIngestToken, int]:
    """Make an ingest token

    It may post transcripts to this project and nothing else. This answer is the only one that
    shows it.
    """
    body: IngestTokenInput = request.context.json
    user = _manager(project_id)
    row, token = ingest_tokens.issue(project_id, body.name, user)
    made = NewIngestToken(**IngestToken.model_validate(row).model_dump(), token=token)
    db.session.commit()
    return made, 201


@bp.delete("/projects/<uuid:project_id>/ingest-tokens/<uuid:token_id>")
@operation(status=204, problems=(403, 404), tag="ingest tokens")
def revoke_ingest_token(project_id: uuid.UUID, token_id: uuid.UUID) -> tuple[str, int]:
    """Revoke an ingest token

    It is refused from the next request on; what it brought stays.
    """
    ingest_tokens.revoke(project_id, token_id, _manager(project_id))
    db.session.commit()
    return "", 204


def _manager(project_id: uuid.UUID) -> User:
    user = current_user()
    access.own_project(user, project_id)
    return user
