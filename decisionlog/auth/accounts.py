"""Accounts: made, changed and closed, from the command line as over REST."""

import uuid
from typing import Any

from pydantic import validate_email
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError

from decisionlog import audit, clock
from decisionlog.auth import passwords, queries, sessions, totp
from decisionlog.errors import Conflict, Invalid, NotFound
from decisionlog.extensions import db
from decisionlog.models import User
from decisionlog.notify import notices
from decisionlog.vocabulary import Role, SecurityChange

TAKEN = "There is an account with this e-mail address."


def create(email: str, name: str, role: Role, password: str, by: User | None = None) -> User:
    """Add an account. Raises Invalid for a bad address or password, Conflict for a known one."""
    address = normal_email(email)
    _require_free(address)
    passwords.check_policy(password, address)
    user = User(
        email=address,
        name=name.strip(),
        role=role,
        password_hash=passwords.hash_password(password),
        password_changed_at=clock.now(),
    )
    db.session.add(user)
    _flush_address()
    _record("user.created", user, by, role=role)
    return user


def change(user: User, by: User, *, email: str | None = None, name: str | None = None) -> None:
    """Change address or name, where they are given; the old address is told of the new one.

    Raises Invalid, Conflict.
    """
    address = user.email if email is None else normal_email(email)
    changed = []
    if address != user.email:
        _require_free(address)
        before, user.email = user.email, address
        notices.enqueue(user, SecurityChange.EMAIL, before)
        changed.append("email")
    if name is not None and name != user.name:
        user.name = name
        changed.append("name")
    if changed:
        _flush_address()
        _record("user.changed", user, by, fields=changed)


def set_password(user: User, password: str, field: str = "password") -> None:
    """Give a user another password, and tell them; what ends sessions is the caller's.

    Raises Invalid.
    """
    passwords.check_policy(password, user.email, second_factor=totp.is_on(user), field=field)
    user.password_hash = passwords.hash_password(password)
    user.password_changed_at = clock.now()
    notices.enqueue(user, SecurityChange.PASSWORD)


def reset_password(user: User, password: str, by: User | None = None) -> None:
    """A director's new password for somebody: every session ends, the second factor stays on."""
    set_password(user, password)
    sessions.end_all(user)
    _record("user.password_reset", user, by)


def reset_two_factor(user: User) -> None:
    """Take the second factor off for somebody who has lost it; every session ends."""
    totp.switch_off(user)
    sessions.end_all(user)
    notices.enqueue(user, SecurityChange.SECOND_FACTOR_OFF)
    _record("user.2fa_reset", user, by=None)


def deactivate(user: User, by: User | None = None) -> None:
    """Close an account: its tokens are dead at the next request, what it wrote stays.

    Raises Conflict for the last director.
    """
    directors = queries.live_directors(lock=True)
    if user.deleted_at is not None:
        return
    user.deleted_at = clock.now()
    _require_a_director(directors)
    sessions.end_all(user)
    _record("user.deactivated", user, by)


def restore(user: User, by: User | None = None) -> None:
    """Open a closed account again; it signs in anew."""
    if user.deleted_at is None:
        return
    user.deleted_at = None
    _record("user.restored", user, by)


def set_role(user: User, role: Role, by: User | None = None) -> None:
    """Raises Conflict when it would take the role from the last director."""
    directors = queries.live_directors(lock=True)
    if role == user.role:
        return
    before, user.role = user.role, role
    _require_a_director(directors)
    _record("user.role_changed", user, by, before=before, after=role)


def by_email(email: str) -> User:
    """The account with this address, open or closed. Raises NotFound."""
    user = queries.user_by_email(email)
    if user is None:
        raise NotFound(f"There is no account {email}.")
    return user


def normal_email(email: str) -> str:
    """The address as it is stored, in lower case. Raises Invalid."""
    try:
        return queries.normalised(validate_email(email.strip())[1])
    except PydanticCustomError as error:
        raise Invalid.field("email", "is not an e-mail address") from error


def _require_free(address: str) -> None:
    if queries.user_by_email(address) is not None:
        raise Conflict(TAKEN)


def _flush_address() -> None:
    """Write, and let the database decide between two that want one address at once."""
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(TAKEN) from error


def _require_a_director(before: list[uuid.UUID]) -> None:
    """Raises Conflict if the change just made takes the last director away. It is written first:
    two directors who remove each other at the same moment must not both succeed."""
    db.session.flush()
    if before and not queries.live_directors():
        db.session.rollback()
        raise Conflict("The last director can't be removed.")


def _record(event: str, user: User, by: User | None, **details: Any) -> None:
    audit.record(event, user_id=by.id if by else None, subject_id=user.id, **details)
