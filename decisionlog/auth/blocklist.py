"""Tokens (`jti`) and sessions (`sid`) that are dead before their time.

They are kept in the database, or in Redis where TOKEN_BLOCKLIST_URI is set. A store that does not
answer closes: nobody is let in, nobody is told to be signed out who is not.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from flask import Flask, current_app
from sqlalchemy import delete

from config import REDIS_TIMEOUT_SECONDS
from decisionlog import clock
from decisionlog.errors import ServiceUnavailable
from decisionlog.extensions import db
from decisionlog.models import RevokedToken

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger()

KEY = "decisionlog:revoked:"


def add(token_or_session_id: str, expires_at: datetime) -> None:
    """Refuse a token or a session from now on. In the database it takes effect with the commit.

    Raises ServiceUnavailable when it can't be remembered.
    """
    store = _redis()
    if store is not None:
        with _closing_on_failure():
            store.set(KEY + token_or_session_id, 1, exat=expires_at)
        return
    if db.session.get(RevokedToken, token_or_session_id) is None:
        db.session.add(RevokedToken(id=token_or_session_id, expires_at=expires_at))


def redis_has_any(*ids: str) -> bool:
    """Whether Redis says that one of these is dead; False where the database keeps them, which is
    asked together with the user. Raises ServiceUnavailable when that can't be known."""
    store = _redis()
    if store is None:
        return False
    with _closing_on_failure():
        return bool(store.exists(*(KEY + entry for entry in ids)))


def purge() -> int:
    """Forget what has expired by itself; Redis does so alone. Returns how many, not committed."""
    return db.session.execute(
        delete(RevokedToken).where(RevokedToken.expires_at < clock.now())
    ).rowcount


@contextlib.contextmanager
def _closing_on_failure() -> Iterator[None]:
    from redis.exceptions import RedisError

    try:
        yield
    except RedisError as error:
        log.error("token blocklist unreachable", error=type(error).__name__)
        raise ServiceUnavailable("Sign-in is not available at the moment.") from error


def _redis() -> "Redis | None":
    return current_app.extensions["token_blocklist"]


def init_app(app: Flask) -> None:
    uri = app.config["TOKEN_BLOCKLIST_URI"]
    app.extensions["token_blocklist"] = _connect(uri) if uri else None


def _connect(uri: str) -> "Redis":
    from redis import Redis

    return Redis.from_url(uri, socket_timeout=REDIS_TIMEOUT_SECONDS)
