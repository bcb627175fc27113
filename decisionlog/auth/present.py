"""Rows as the answers show them."""

from decisionlog.auth import queries, totp
from decisionlog.auth.schemas import CurrentUser, SessionView, UserView
from decisionlog.models import Session, User


def current_user(user: User) -> CurrentUser:
    return CurrentUser(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        projects=queries.project_ids(user),
    )


def account(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        two_factor=totp.is_on(user),
        created_at=user.created_at,
        deleted_at=user.deleted_at,
    )


def session(row: Session, current: bool) -> SessionView:
    return SessionView(
        id=row.id,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        ip=row.ip,
        user_agent=row.user_agent,
        current=current,
    )
