"""The only writer of audit events."""

import uuid
from typing import Any

from flask import g, has_request_context, request

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent


def record(
    event: str,
    *,
    user_id: uuid.UUID | None = None,
    project_id: uuid.UUID | None = None,
    subject_id: object = None,
    **details: Any,
) -> None:
    """Add an event to the current transaction; it is kept when that is committed.

    `event` is `topic.what_happened`. `details` must hold no secret and no transcript text.
    """
    web = has_request_context()
    db.session.add(
        AuditEvent(
            at=clock.now(),
            event=event,
            user_id=user_id,
            project_id=project_id,
            subject_id=None if subject_id is None else str(subject_id),
            ip=request.remote_addr if web else None,
            request_id=g.get("request_id") if web else None,
            details=details,
        )
    )
