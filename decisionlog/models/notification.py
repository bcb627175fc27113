import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import JSON, HasCreatedAt, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import SecurityChange


class DigestSubscription(db.Model):
    """A person who wants the weekly digest. Whoever moves `next_at` on sends what is due."""

    __tablename__ = "digest_subscriptions"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class SecurityNotice(HasId, HasCreatedAt, db.Model):
    """A mail that waits to be sent: somebody's way of signing in was changed.

    The address is the one from before the change. The row goes when the mail has gone.
    """

    __tablename__ = "security_notices"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    address: Mapped[str] = mapped_column(sa.String(254))
    change: Mapped[SecurityChange] = mapped_column(one_of(SecurityChange))
    next_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class OutgoingWebhook(HasId, HasCreatedAt, db.Model):
    """An address that is told what happens in a project. The secret is needed to sign, so it is
    kept, encrypted, and shown once."""

    __tablename__ = "outgoing_webhooks"

    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("projects.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    secret: Mapped[str] = mapped_column(sa.String(255))
    events: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class WebhookDelivery(HasId, HasCreatedAt, db.Model):
    """One message to one address: what was sent, how often it was tried and what came of it.

    It is due while `next_at` is set; a sender claims it by moving `next_at` on.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (sa.Index("ix_webhook_deliveries_webhook", "webhook_id", "created_at", "id"),)

    webhook_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("outgoing_webhooks.id"))
    event: Mapped[str] = mapped_column(sa.String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(sa.String(300))
