import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import JSON, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import RunStatus


class ExtractionRun(HasId, db.Model):
    """One attempt at a transcript: with what, at what cost, what came of it and what was refused.

    `rejected` keeps every draft whose quote did not stand in the transcript, with the reason.
    `batch_ids` names the Message Batches that it asked by; None where it asked directly.
    """

    __tablename__ = "extraction_runs"

    transcript_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("transcripts.id"), index=True)
    attempt: Mapped[int]
    status: Mapped[RunStatus] = mapped_column(one_of(RunStatus))
    extractor: Mapped[str] = mapped_column(sa.String(32))
    model: Mapped[str | None] = mapped_column(sa.String(100))
    prompt_version: Mapped[str | None] = mapped_column(sa.String(100))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)
    batch_ids: Mapped[list[str] | None] = mapped_column(JSON)
    parts: Mapped[int] = mapped_column(default=0)
    decision_count: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cache_read_tokens: Mapped[int] = mapped_column(default=0)
    cache_write_tokens: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 6))
    error: Mapped[str | None] = mapped_column(sa.Text)
