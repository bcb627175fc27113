"""Tokens for senders that can't sign: each may post transcripts to one project, nothing else."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from decisionlog import audit, clock
from decisionlog.errors import NotFound
from decisionlog.extensions import db
from decisionlog.models import IngestToken, Project, User

PREFIX = "dlt_"
BEARER = f"Bearer {PREFIX}"


def issue(project_id: uuid.UUID, name: str, user: User) -> tuple[IngestToken, str]:
    """A new token's row, and the token itself, which is nowhere kept."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = IngestToken(
        id=uuid.uuid4(),
        project_id=project_id,
        name=name,
        token_hash=_hash(token),
        created_by=user.id,
    )
    db.session.add(row)
    audit.record("ingest_token.created", user_id=user.id, project_id=project_id, subject_id=row.id)
    db.session.flush()
    return row, token


def page(project_id: uuid.UUID, limit: int, offset: int) -> tuple[Sequence[IngestToken], int]:
    """A project's tokens, the newest first, the revoked ones too; and how many there are."""
    of_project = IngestToken.project_id == project_id
    rows = db.session.scalars(
        select(IngestToken)
        .where(of_project)
        .order_by(IngestToken.created_at.desc(), IngestToken.id)
        .limit(limit)
        .offset(offset)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(IngestToken).where(of_project))
    return rows, total or 0


def revoke(project_id: uuid.UUID, token_id: uuid.UUID, user: User) -> None:
    """End a token; it is refused from the next request on. Raises NotFound."""
    row = db.session.scalar(
        select(IngestToken).where(IngestToken.id == token_id, IngestToken.project_id == project_id)
    )
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        audit.record(
            "ingest_token.revoked", user_id=user.id, project_id=project_id, subject_id=row.id
        )


def is_offered(authorization: str) -> bool:
    return authorization.startswith(BEARER)


def find(authorization: str) -> IngestToken | None:
    """The live token of an `Authorization` header, of a project that is open."""
    token = authorization.removeprefix("Bearer ")
    return db.session.scalar(
        select(IngestToken)
        .join(Project, Project.id == IngestToken.project_id)
        .where(
            IngestToken.token_hash == _hash(token),
            IngestToken.revoked_at.is_(None),
            Project.archived_at.is_(None),
        )
    )


def _hash(token: str) -> str:
    # Random and long: nothing to guess, so nothing to slow down.
    return hashlib.sha256(token.encode()).hexdigest()
