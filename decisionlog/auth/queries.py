"""What auth asks of the database."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, or_, select, tuple_

from decisionlog import clock
from decisionlog.auth.schemas import AuditQuery
from decisionlog.errors import Invalid
from decisionlog.extensions import db
from decisionlog.http.pagination import decode_cursor, encode_cursor
from decisionlog.models import AuditEvent, ProjectMember, RevokedToken, Session, User
from decisionlog.vocabulary import Role

AUDIT_ORDER = "audit"
# Every request asks this: it is put together once.
_USER_AND_REVOCATION = select(
    User,
    select(RevokedToken.id)
    .where(RevokedToken.id.in_((bindparam("token_id"), bindparam("session_id"))))
    .exists(),
).where(User.id == bindparam("user_id"))


def normalised(email: str) -> str:
    """The one spelling under which an address is stored, looked up and counted."""
    return email.strip().lower()


def user_by_email(email: str) -> User | None:
    """The user with this address, deleted or not; the case of letters does not matter."""
    return db.session.scalar(select(User).where(User.email == normalised(email)))


def live_user(user_id: uuid.UUID) -> User | None:
    return db.session.scalar(select(User).where(User.id == user_id, User.deleted_at.is_(None)))


def user_and_revocation(
    user_id: uuid.UUID, token_id: str, session_id: str
) -> tuple[User | None, bool]:
    """A user, deleted or not, and whether the database says that the token or its session is dead,
    in one query; (None, False) without a user."""
    asked = {"user_id": user_id, "token_id": token_id, "session_id": session_id}
    found = db.session.execute(_USER_AND_REVOCATION, asked).one_or_none()
    return (found[0], bool(found[1])) if found else (None, False)


def users() -> list[User]:
    return list(db.session.scalars(select(User).order_by(User.email)))


def users_page(role: Role | None, deleted: bool, limit: int, offset: int) -> tuple[list[User], int]:
    """Accounts by e-mail address, and how many there are in all."""
    chosen = User.deleted_at.is_not(None) if deleted else User.deleted_at.is_(None)
    if role is not None:
        chosen = and_(chosen, User.role == role)
    page = select(User).where(chosen).order_by(User.email).limit(limit).offset(offset)
    total = db.session.scalar(select(func.count()).select_from(User).where(chosen))
    return list(db.session.scalars(page)), total or 0


def live_directors(lock: bool = False) -> list[uuid.UUID]:
    """The directors with open accounts; with `lock` nobody else changes them until the commit."""
    statement = (
        select(User.id)
        .where(User.role == Role.DIRECTOR, User.deleted_at.is_(None))
        .order_by(User.id)
    )
    return list(db.session.scalars(statement.with_for_update() if lock else statement))


def project_ids(user: User) -> list[uuid.UUID]:
    """The projects that a user is a member of."""
    return list(
        db.session.scalars(
            select(ProjectMember.project_id)
            .where(ProjectMember.user_id == user.id)
            .order_by(ProjectMember.created_at)
        )
    )


def session(session_id: uuid.UUID) -> Session | None:
    return db.session.get(Session, session_id, populate_existing=True)


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


def audit_page(query: AuditQuery) -> tuple[list[AuditEvent], str | None]:
    """A page of the audit log, the newest first, and the cursor of the next one if there is one."""
    statement = select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    if query.user_id is not None:
        statement = statement.where(AuditEvent.user_id == query.user_id)
    if query.event is not None:
        statement = statement.where(
            or_(
                AuditEvent.event == query.event,
                AuditEvent.event.startswith(f"{query.event}.", autoescape=True),
            )
        )
    if query.since is not None:
        statement = statement.where(AuditEvent.at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditEvent.at < query.until)
    if query.cursor is not None:
        statement = statement.where(
            tuple_(AuditEvent.at, AuditEvent.id) < _audit_place(query.cursor)
        )
    rows = list(db.session.scalars(statement.limit(query.limit + 1)))
    page = rows[: query.limit]
    if len(rows) == len(page):
        return page, None
    return page, encode_cursor(AUDIT_ORDER, clock.iso(page[-1].at), page[-1].id)


def _audit_place(cursor: str) -> ColumnElement[Any]:
    """The row after which the page begins. Raises Invalid."""
    moment, row_id = decode_cursor(cursor, AUDIT_ORDER)
    try:
        at = datetime.fromisoformat(moment).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid.field("cursor", "is not a cursor that this API made") from error
    return tuple_(literal(at, AuditEvent.at.type), literal(row_id))
