import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from decisionlog.extensions import db
from decisionlog.models.base import HasCreatedAt, HasId, UTCDateTime, one_of
from decisionlog.vocabulary import Role


class User(HasId, HasCreatedAt, db.Model):
    """A person with an account. Deleting is soft: authorship must stay readable."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(one_of(Role))
    password_hash: Mapped[str] = mapped_column(sa.String(72))
    password_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The TOTP seed, encrypted; present but not enabled while enrolment waits for its first code.
    totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    totp_enabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # RFC 6238 section 5.2: a time step at or below this one has been used.
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_director(self) -> bool:
        return self.role == Role.DIRECTOR

    @property
    def is_client(self) -> bool:
        return self.role == Role.CLIENT


class RecoveryCode(HasId, HasCreatedAt, db.Model):
    __tablename__ = "recovery_codes"

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
