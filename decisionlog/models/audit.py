import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models.base import JSON, HasId, UTCDateTime


class AuditEvent(HasId, db.Model):
    """Who did what, when and from where. Rows are only ever added, by `decisionlog.audit`."""

    __tablename__ = "audit_events"
    __table_args__ = (
        sa.Index("ix_audit_events_at", "at", "id"),
        sa.Index("ix_audit_events_event_at", "event", "at", "id"),
        sa.Index("ix_audit_events_user_at", "user_id", "at", "id"),
    )

    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    event: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("projects.id"))
    subject_id: Mapped[str | None] = mapped_column(sa.String(64))
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
