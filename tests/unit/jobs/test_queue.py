"""Which server a queue's URL leads to."""

import pytest
from huey import RedisHuey, SqliteHuey
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import URL

from decisionlog.jobs import queue

PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@pytest.fixture(scope="module")
def reached():
    """The parameters that huey would connect to PostgreSQL with, instead of doing it."""
    dsns = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "PostgresHuey", lambda name, dsn, results: dsns.append(dsn))

        def reach(url):
            queue.connect(url)
            return conninfo_to_dict(dsns.pop())

        yield reach


@pytest.mark.parametrize("password", ["two words", "it's", 'a "b"', "100%", "p@ss/w?rd#1", "a\\b"])
def test_a_password_of_postgresql_may_hold_anything(reached, password):
    url = URL.create("postgresql", "log", password, "db.example.com", 5433, "record")
    assert reached(url.render_as_string(hide_password=False)) == {
        "user": "log",
        "password": password,
        "host": "db.example.com",
        "port": "5433",
        "dbname": "record",
    }


@given(password=PASSWORDS)
def test_no_password_of_postgresql_breaks_its_url(reached, password):
    url = URL.create("postgresql", "log", password, "db.example.com", 5433, "record")
    assert reached(url.render_as_string(hide_password=False))["password"] == password


def test_what_the_url_asks_of_the_connection_is_kept(reached):
    parameters = reached("postgresql+psycopg://log@/record?host=/run/postgresql&sslmode=require")
    assert parameters == {
        "user": "log",
        "dbname": "record",
        "host": "/run/postgresql",
        "sslmode": "require",
    }


def test_sqlite_and_redis_are_queues_too(tmp_path):
    assert isinstance(queue.connect(f"sqlite:///{tmp_path}/queue.db"), SqliteHuey)
    assert isinstance(queue.connect("redis://127.0.0.1:1/0"), RedisHuey)
