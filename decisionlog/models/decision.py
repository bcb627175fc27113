import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models.base import JSON, HasCreatedAt, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import (
    Causation,
    DecisionSource,
    DecisionStatus,
    Discipline,
    MeetingType,
    RelationshipType,
)

ALIVE = sa.text("deleted_at IS NULL")


def _listing_index(*columns: str) -> sa.Index:
    """What one page of a project's list reads, in either direction."""
    return sa.Index(
        f"ix_decisions_project_{columns[0]}",
        "project_id",
        *columns,
        "id",
        sqlite_where=ALIVE,
        postgresql_where=ALIVE,
    )


class Decision(HasId, HasCreatedAt, db.Model):
    """A decision and the words that settled it.

    The meeting's own fields are copied here: a list page is one table, and a decision made outside
    a meeting has the same shape. `timestamp_seconds` is -1 where the moment is not known, so that
    it sorts on both databases alike. `excerpt` is the wire's `transcript_excerpt`.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        _listing_index("meeting_date", "timestamp_seconds"),
        _listing_index("created_at"),
        _listing_index("confidence"),
        _listing_index("timestamp_seconds"),
        # The facets of an unfiltered list are counted in the index alone.
        _listing_index("discipline", "meeting_type", "status"),
        _listing_index("review_on"),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_range"),
        sa.CheckConstraint("source = 'manual' OR quote <> ''", name="meeting_has_quote"),
    )

    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("projects.id"))
    transcript_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("transcripts.id"), index=True
    )
    run_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("extraction_runs.id"))

    decision_statement: Mapped[str] = mapped_column(sa.Text)
    who: Mapped[str] = mapped_column(sa.String(200))
    timestamp_seconds: Mapped[int] = mapped_column(default=-1)
    quote: Mapped[str] = mapped_column(sa.Text, default="")
    discipline: Mapped[Discipline] = mapped_column(one_of(Discipline))
    why: Mapped[str] = mapped_column(sa.Text, default="")
    causation: Mapped[Causation] = mapped_column(one_of(Causation), default=Causation.OTHER)
    impacts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    excerpt: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    consensus: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    confidence: Mapped[float] = mapped_column(default=1.0)
    confidence_breakdown: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    anomaly_flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    has_anomalies: Mapped[bool] = mapped_column(default=False)
    consistency_notes: Mapped[str] = mapped_column(sa.Text, default="")

    status: Mapped[DecisionStatus] = mapped_column(
        one_of(DecisionStatus), default=DecisionStatus.PROPOSED
    )
    source: Mapped[DecisionSource] = mapped_column(one_of(DecisionSource))
    review_on: Mapped[date | None] = mapped_column(sa.Date)
    approved_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approval_notes: Mapped[str] = mapped_column(sa.Text, default="")
    created_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))

    meeting_title: Mapped[str | None] = mapped_column(sa.String(500))
    meeting_type: Mapped[MeetingType | None] = mapped_column(one_of(MeetingType))
    meeting_date: Mapped[date] = mapped_column(sa.Date)
    meeting_participants: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # A stale copy must not overwrite a newer one, whoever loaded it: the UPDATE itself checks.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DecisionVersion(HasId, db.Model):
    """What one change did. `changes` maps a field to its `[old, new]`; version 1 is the creation
    and has none."""

    __tablename__ = "decision_versions"
    __table_args__ = (sa.UniqueConstraint("decision_id", "version"),)

    decision_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("decisions.id"))
    version: Mapped[int]
    changed_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DecisionVector(db.Model):
    """What a decision means to the encoder `model`, as `decisions.meaning` packs it, and the
    decision's version that was encoded. A missing or outdated one is made by the worker."""

    __tablename__ = "decision_vectors"

    decision_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("decisions.id"), primary_key=True)
    version: Mapped[int]
    model: Mapped[str] = mapped_column(sa.String(100))
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary)


class DecisionRelationship(HasId, HasCreatedAt, db.Model):
    """`from` has triggered, reversed, … `to`. A suggestion counts once a person confirms it.

    A removed one stays, for the record; making it again revives the row."""

    __tablename__ = "decision_relationships"
    __table_args__ = (
        sa.UniqueConstraint("from_id", "to_id", "type"),
        sa.CheckConstraint("from_id <> to_id", name="not_itself"),
    )

    from_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("decisions.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("decisions.id"), index=True)
    type: Mapped[RelationshipType] = mapped_column(one_of(RelationshipType))
    created_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
