import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import JSON, HasCreatedAt, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import MeetingType, TranscriptStatus


class Transcript(HasId, HasCreatedAt, db.Model):
    """A meeting as it came in, and the job of extracting its decisions in the same row.

    `source` and `external_id` make a delivery idempotent; `content_hash` tells a repetition from
    a contradiction. A worker owns the row while `lease_owner` is its own and `lease_until` lies
    ahead. The columns `batch_…` are set while the answer of a Message Batch is outstanding, and say
    what was sent. `request_id` is of the request that asked for the extraction; a command has
    none.
    """

    __tablename__ = "transcripts"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_transcripts_project_created", "project_id", "created_at", "id"),
        # What the sweep asks for; processed rows, by far the most, stay out of it.
        sa.Index(
            "ix_transcripts_due",
            "status",
            "next_attempt_at",
            sqlite_where=sa.text("status IN ('pending', 'processing')"),
            postgresql_where=sa.text("status IN ('pending', 'processing')"),
        ),
        sa.Index(
            "ix_transcripts_batch_sent_at",
            "batch_sent_at",
            sqlite_where=sa.text("batch_sent_at IS NOT NULL"),
            postgresql_where=sa.text("batch_sent_at IS NOT NULL"),
        ),
    )

    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("projects.id"))
    source: Mapped[str] = mapped_column(sa.String(32))
    external_id: Mapped[str] = mapped_column(sa.String(255))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[str] = mapped_column(sa.Text, deferred=True)
    format: Mapped[str] = mapped_column(sa.String(32))
    uploaded_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))

    meeting_id: Mapped[str | None] = mapped_column(sa.String(255))
    meeting_title: Mapped[str | None] = mapped_column(sa.String(500))
    meeting_type: Mapped[MeetingType | None] = mapped_column(one_of(MeetingType))
    meeting_date: Mapped[date] = mapped_column(sa.Date)
    duration_minutes: Mapped[int | None]
    participants: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    status: Mapped[TranscriptStatus] = mapped_column(
        one_of(TranscriptStatus), default=TranscriptStatus.PENDING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_owner: Mapped[str | None] = mapped_column(sa.String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    processed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    batch_ids: Mapped[list[str] | None] = mapped_column(JSON)
    batch_sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    batch_model: Mapped[str | None] = mapped_column(sa.String(100))
    batch_prompt_version: Mapped[str | None] = mapped_column(sa.String(100))
    batch_reserved_usd: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 6))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
