import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import HasCreatedAt, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import ProjectRole


class Project(HasId, HasCreatedAt, db.Model):
    __tablename__ = "projects"

    name: Mapped[str] = mapped_column(sa.String(200))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ProjectMember(HasCreatedAt, db.Model):
    __tablename__ = "project_members"

    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("users.id"), primary_key=True, index=True
    )
    role: Mapped[ProjectRole] = mapped_column(one_of(ProjectRole))


class IngestToken(HasId, HasCreatedAt, db.Model):
    """A static token that may post transcripts to one project, kept as its SHA-256."""

    __tablename__ = "ingest_tokens"

    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
