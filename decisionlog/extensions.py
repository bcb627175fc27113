"""The Flask extensions, unbound: `create_app` binds them to an application."""

import select
import sqlite3
from typing import Any

from flask_cors import CORS
from flask_jwt_extended import JWTManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase

from decisionlog.limiter import make as make_limiter

# SQLite can't drop or alter a constraint without a name, so none may be left to the database.
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
jwt = JWTManager()
limiter = make_limiter()
cors = CORS()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Make SQLite keep foreign keys, wait for a writer instead of failing, and fold any letter."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 30000")
    # SQLite's own lower() knows ASCII only: it would not find João under JOÃO.
    connection.create_function(
        "lower", 1, lambda text: text.lower() if isinstance(text, str) else text, deterministic=True
    )


@event.listens_for(Engine, "checkout")
def _notice_a_closed_connection(connection: Any, record: Any, proxy: Any) -> None:
    """Let the pool replace a connection that PostgreSQL has closed, as it does when it restarts.

    An idle connection has something to read only when the server ends it: to look costs nothing,
    where the pool's own ping would cost every request a round trip.
    """
    if isinstance(connection, sqlite3.Connection):
        return
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError("closed by the server")
