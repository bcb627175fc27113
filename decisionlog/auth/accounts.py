"""Accounts: made, changed and closed, from the command line as over REST."""

from pydantic import EmailStr, TypeAdapter, ValidationError

from decisionlog import audit, clock
from decisionlog.auth import passwords, queries, tokens
from decisionlog.errors import Conflict, Invalid, NotFound
from decisionlog.extensions import db
from decisionlog.models import User
from decisionlog.vocabulary import Role

EMAIL = TypeAdapter(EmailStr)


def create(email: str, name: str, role: Role, password: str, by: User | None = None) -> User:
    """Add an account. Raises Invalid for a bad address or password, Conflict for a known one."""
    address = normal_email(email)
    if queries.user_by_email(address) is not None:
        raise Conflict("There is an account with this e-mail address.")
    passwords.check_policy(password, address)
    user = User(
        email=address,
        name=name.strip(),
        role=role,
        password_hash=passwords.hash_password(password),
        password_changed_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    _record("user.created", user, by, role=role)
    return user


def deactivate(user: User, by: User | None = None) -> None:
    """Close an account: its tokens are dead at the next request, what it wrote stays.

    Raises Conflict for the last director.
    """
    _require_another_director(user)
    user.deleted_at = clock.now()
    tokens.close_all_sessions(user)
    _record("user.deactivated", user, by)


def restore(user: User, by: User | None = None) -> None:
    user.deleted_at = None
    _record("user.restored", user, by)


def set_role(user: User, role: Role, by: User | None = None) -> None:
    """Raises Conflict when it would take the role from the last director."""
    if role != Role.DIRECTOR:
        _require_another_director(user)
    before, user.role = user.role, role
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
        return EMAIL.validate_python(email.strip()).lower()
    except ValidationError as error:
        raise Invalid.field("email", "is not an e-mail address") from error


def _require_another_director(user: User) -> None:
    if user.is_director and user.deleted_at is None and queries.live_directors() == 1:
        raise Conflict("The last director can't be removed.")


def _record(event: str, user: User, by: User | None, **details: str) -> None:
    audit.record(event, user_id=by.id if by else None, subject_id=user.id, **details)
