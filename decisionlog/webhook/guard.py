"""Before every door for machines: a signature or an ingest token, before any parsing."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from flask import current_app, g, request

from decisionlog import audit, clock
from decisionlog.errors import InvalidSignature, NotFound, ServiceUnavailable
from decisionlog.extensions import db
from decisionlog.models import Project
from decisionlog.webhook import ingest_tokens

Proof = Callable[[Iterable[str], Mapping[str, str], bytes], bool]


def proved(secrets_setting: str, is_proved: Proof) -> Callable[[Callable], Callable]:
    """Let a request through with a good signature over its raw body, or an ingest token."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            authorization = request.headers.get("Authorization", "")
            if ingest_tokens.is_offered(authorization):
                _require_token(authorization)
            else:
                _require_signature(secrets_setting, is_proved)
            return view(*args, **kwargs)

        return checked

    return decorate


def project_for(project_id: uuid.UUID | None) -> Project:
    """The open project that a delivery goes to: the one that it names, or its token's.

    Raises NotFound, also where a token is shown for another project than its own.
    """
    token = g.get("ingest_token")
    wanted = project_id or (token and token.project_id)
    project = db.session.get(Project, wanted) if wanted else None
    foreign = token is not None and wanted != token.project_id
    if project is None or project.archived_at is not None or foreign:
        raise NotFound("There is no project with this project_id.")
    return project


def _require_token(authorization: str) -> None:
    token = ingest_tokens.find(authorization)
    if token is None:
        _refuse("The ingest token is unknown or has been revoked.")
    token.last_used_at = clock.now()
    g.ingest_token = token


def _require_signature(secrets_setting: str, is_proved: Proof) -> None:
    secrets = current_app.config[secrets_setting]
    if not secrets:
        raise ServiceUnavailable("No webhook secret is configured.")
    if not is_proved(secrets, request.headers, request.get_data()):
        _refuse("The signature is missing, wrong or too old.")


def _refuse(reason: str) -> None:
    audit.record("webhook.refused")
    db.session.commit()
    raise InvalidSignature(reason)
