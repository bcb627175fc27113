"""What auth asks of the database."""

import uuid

from sqlalchemy import func, select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import ProjectMember, RevokedToken, Session, User


def user_by_email(email: str) -> User | None:
    """The user with this address, deleted or not; the case of letters does not matter."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def live_user(user_id: uuid.UUID) -> User | None:
    return db.session.scalar(select(User).where(User.id == user_id, User.deleted_at.is_(None)))


def users() -> list[User]:
    return list(db.session.scalars(select(User).order_by(User.email)))


def live_directors() -> int:
    statement = select(func.count()).where(User.role == "director", User.deleted_at.is_(None))
    return db.session.scalar(statement) or 0


def project_ids(user: User) -> list[uuid.UUID]:
    """The projects that a user is a member of."""
    return list(
        db.session.scalars(
            select(ProjectMember.project_id)
            .where(ProjectMember.user_id == user.id)
            .order_by(ProjectMember.created_at)
        )
    )


def is_revoked(jti: str, sid: str) -> bool:
    return (
        db.session.scalar(select(RevokedToken.id).where(RevokedToken.id.in_((jti, sid))))
        is not None
    )


def session(session_id: uuid.UUID, lock: bool = False) -> Session | None:
    statement = select(Session).where(Session.id == session_id)
    return db.session.scalar(statement.with_for_update() if lock else statement)


def open_sessions(user: User) -> list[Session]:
    """The sessions in which a user is signed in, the last used first."""
    return list(
        db.session.scalars(
            select(Session)
            .where(
                Session.user_id == user.id,
                Session.revoked_at.is_(None),
                Session.expires_at > clock.now(),
            )
            .order_by(Session.last_used_at.desc(), Session.id)
        )
    )
