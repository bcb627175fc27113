"""How often somebody may try to sign in, by address, by account and all together.

An attempt is counted before it is looked at, in one step of the store: of any number of parallel
attempts exactly as many get through as the limit says. Flask-Limiter counts in memory for as long
as a shared store is away.
"""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from flask import current_app, g, request
from flask_limiter import RequestLimit
from limits.errors import StorageError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from decisionlog import audit
from decisionlog.auth import queries
from decisionlog.extensions import db, limiter
from decisionlog.limiter import client_network

log = structlog.get_logger()

ACCOUNT = "login-account"


def _setting(name: str) -> Callable[[], str]:
    return lambda: current_app.config[name]


def _typed_account() -> str:
    """The e-mail address as typed, whether there is such an account or not.

    Hashed, since addresses have no place in the store; what holds no address counts for the caller.
    Flask-Limiter takes whatever is raised here for a store that is away, and would leave the shared
    one: so nothing may be.
    """
    try:
        body = request.get_json()
    except HTTPException:
        return client_network()
    email = body.get("email") if isinstance(body, dict) else None
    if not isinstance(email, str):
        return client_network()
    return hashlib.sha256(queries.normalised(email).encode("utf-8", "replace")).hexdigest()


def _everybody() -> str:
    return "everybody"


def _record_breach(limit: RequestLimit) -> None:
    try:
        audit.record("login.limited", limit=str(limit.limit))
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.error("breach of a limit not recorded", error=type(error).__name__)


_by_account = limiter.shared_limit(
    _setting("RATELIMIT_LOGIN_ACCOUNT"),
    ACCOUNT,
    key_func=_typed_account,
    on_breach=_record_breach,
)
_by_everybody = limiter.shared_limit(
    _setting("RATELIMIT_LOGIN_GLOBAL"),
    "login-global",
    key_func=_everybody,
    on_breach=_record_breach,
)
_by_address = limiter.limit(
    _setting("RATELIMIT_LOGIN"), override_defaults=False, on_breach=_record_breach
)


def login_limits(view: Callable) -> Callable:
    """Count a login. The address comes first, so that one address can't use up the others."""
    return _by_everybody(_by_account(_by_address(view)))


def failures() -> int:
    """Failed logins for the account of this request before it, within the limit's window."""
    counter = _account_counter()
    if counter is None:
        return 0
    try:
        return counter.limit.amount - counter.remaining - 1
    except StorageError:
        return counter.limit.amount


def forgive() -> None:
    """The password was right: the account's failures are forgotten, the address's attempts not."""
    counter = _account_counter()
    if counter is None:
        return
    try:
        limiter.limiter.clear(counter.limit, *counter.request_args)
    except StorageError as error:
        log.warning("failures not forgotten", error=type(error.storage_error).__name__)


def _account_counter() -> RequestLimit | None:
    return next((used for used in limiter.current_limits if ACCOUNT in used.request_args), None)


def count_code(user_id: uuid.UUID) -> None:
    """Count a code of the second factor, on whatever route it came in; a right password does not
    give new tries. Raises RateLimitExceeded (429)."""
    g.counted_account = str(user_id)
    _count_code()


def count_password(user_id: uuid.UUID) -> None:
    """Count a password that a signed-in user is asked for once more. Raises RateLimitExceeded."""
    g.counted_account = str(user_id)
    _count_password()


def _counted_account() -> Any:
    return g.counted_account


@limiter.shared_limit(
    _setting("RATELIMIT_OTP"), "second-factor", key_func=_counted_account, on_breach=_record_breach
)
def _count_code() -> None: ...


@limiter.shared_limit(
    _setting("RATELIMIT_OTP"), "password", key_func=_counted_account, on_breach=_record_breach
)
def _count_password() -> None: ...
