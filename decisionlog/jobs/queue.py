"""The queue: huey on SQLite, on Redis or on PostgreSQL."""

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from psycopg.conninfo import make_conninfo
from redis import ConnectionPool
from sqlalchemy.engine import URL, make_url

NAME = "decisionlog"
# A Redis that is silent must not hold a request up; longer than the second that a worker waits.
REDIS_SECONDS = 3


def connect(url: str) -> Huey:
    """A huey for `sqlite:///file`, `redis://…`, `rediss://…` or `postgresql://…`.

    Results are not kept: what came of a job stands in its row. Raises ValueError for other URLs.
    """
    if url.startswith(("redis://", "rediss://")):
        pool = ConnectionPool.from_url(
            url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
        )
        return RedisHuey(NAME, connection_pool=pool, results=False)
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return SqliteHuey(NAME, filename=parsed.database, results=False, timeout=30)
    if backend == "postgresql":
        return PostgresHuey(NAME, dsn=_conninfo(parsed), results=False)
    raise ValueError("QUEUE_URL must be sqlite, redis or postgresql")


def _conninfo(url: URL) -> str:
    """What libpq connects with. It reads URLs too, but not all that SQLAlchemy writes: a space in
    the password is one that it stumbles over."""
    named = url.translate_connect_args(username="user", database="dbname")
    return make_conninfo(**named, **url.query)
