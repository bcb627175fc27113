import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import HasCreatedAt, HasId, UTCDateTime


class Session(HasId, HasCreatedAt, db.Model):
    """A login and the chain of refresh tokens that follows it; its id is the tokens' `sid`.

    Only the `jti` of the newest refresh token is good. The one before it is remembered so that
    its reuse can be told from two tabs that refresh at once.
    """

    __tablename__ = "sessions"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    refresh_jti: Mapped[str] = mapped_column(sa.String(64))
    previous_refresh_jti: Mapped[str | None] = mapped_column(sa.String(64))
    rotated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    user_agent: Mapped[str | None] = mapped_column(sa.String(300))


class RevokedToken(db.Model):
    """A token (`jti`) or a whole session (`sid`) that is dead before its time."""

    __tablename__ = "revoked_tokens"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
