"""The suite's fixtures.

It runs on SQLite with nothing else installed. With TEST_DATABASE_URL and TEST_REDIS_URL the same
tests run on PostgreSQL and Redis; each xdist worker gets a database and a Redis number of its own.
"""

import os
import sqlite3

import pytest
import redis
import sqlalchemy as sa
from flask_migrate import upgrade
from hypothesis import settings as hypothesis_settings
from sqlalchemy.engine import make_url

from decisionlog import create_app, logs
from decisionlog.extensions import db, limiter
from tests import factories
from tests.api_client import ApiClient
from tests.unit.extraction.batches_api import BatchesApi

WEBHOOK_SECRET = "a webhook secret that is only ever used in tests"
SETTINGS = {
    "TESTING": True,
    "BCRYPT_ROUNDS": 4,
    "JWT_SECRET_KEY": "a signing key that is only ever used in tests",
    "TACTIQ_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "TOTP_ENCRYPTION_KEY": "an encryption key that is only ever used in tests",
    "FATHOM_WEBHOOK_SECRET": "whsec_YSBzZWNyZXQgdGhhdCBpcyBvbmx5IHVzZWQgaW4gdGVzdHM=",
    "CIRCLEBACK_WEBHOOK_SECRET": "a circleback secret that is only ever used in tests",
    "ANTHROPIC_API_KEY": "",
    "RATELIMIT_DEFAULT": "10000 per minute",
}


# Hypothesis' deadline for an example measures what else the machine does.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@sa.event.listens_for(sa.Engine, "connect")
def _spare_the_disk(connection, record):
    """What a crash of the machine would take away is not needed: no commit waits for the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


def _worker_number() -> int:
    """Names what a worker has for itself; the offset keeps two runs of the suite apart."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return worker + int(os.environ.get("TEST_WORKER_OFFSET", "0"))


@pytest.fixture(scope="session")
def database_url(tmp_path_factory):
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield f"sqlite:///{tmp_path_factory.mktemp('database')}/test.db"
        return
    name = f"decisionlog_test_{_worker_number()}"
    admin = sa.create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def redis_url():
    """A Redis database of this worker's own, or None where there is no Redis."""
    server = os.environ.get("TEST_REDIS_URL")
    return f"{server.rstrip('/')}/{_worker_number() + 1}" if server else None


@pytest.fixture(scope="session")
def settings(database_url, redis_url, tmp_path_factory):
    """The settings of the app under test; a test that needs others adds to a copy."""
    engines = {"DATABASE_URL": database_url}
    if redis_url:
        engines |= {"QUEUE_URL": redis_url, "RATELIMIT_STORAGE_URI": redis_url}
    else:
        engines["QUEUE_URL"] = f"sqlite:///{tmp_path_factory.mktemp('queue')}/queue.db"
    return SETTINGS | engines


@pytest.fixture(scope="session")
def _migrated(settings):
    app = create_app(settings)
    with app.app_context():
        upgrade()
        yield db.engine
        db.engine.dispose()


@pytest.fixture
def _clean_database(_migrated):
    yield
    _empty(_migrated)


@pytest.fixture
def make_app(settings, _clean_database):
    """Makes apps on the test database: `make_app(DEMO_MODE=True)`."""
    made = []

    def make(**changes):
        app = create_app(settings | changes)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app_settings():
    """What the apps of a file have set differently."""
    return {}


@pytest.fixture(scope="session")
def _kept():
    """The app of the test before, its settings, and the store that its limits are counted in."""
    return {}


def _app_with(settings, kept, make_app):
    """To make an app takes as long as most tests do, so one serves test after test: until they want
    other settings, or another app was made, since all apps share a limiter, which is the latest's.
    One that does not limit takes no store, but switches the limiter off for all.
    """
    mine = kept.get("settings") == settings and kept["storage"] is limiter.storage
    if not mine or not limiter.enabled:
        app = make_app(**settings)
        kept |= {"app": app, "settings": settings, "storage": limiter.storage}
    return kept["app"]


@pytest.fixture
def app(make_app, app_settings, _kept, redis_url):
    app = _app_with(app_settings, _kept, make_app)
    config = dict(app.config)
    logs.configure(app.config["LOG_LEVEL"], production=False)
    with app.app_context():
        limiter.reset()
        yield app
        db.session.rollback()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.config.clear()
    app.config.update(config)
    if redis_url:
        redis.from_url(redis_url).flushdb()
    else:
        app.extensions["huey"].flush()


def _empty(engine: sa.Engine) -> None:
    """Leave every table as the migrations made it."""
    models = (table.name for table in reversed(db.metadata.sorted_tables))
    tables = ["decision_search", "passage_search", *models]
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"TRUNCATE {', '.join(tables)} CASCADE"))
            return
        for name in tables:
            connection.execute(sa.text(f"DELETE FROM {name}"))


@pytest.fixture
def batches(app):
    """The Message Batches API that `app` works with, in EXTRACTION_MODE=batch."""
    api = BatchesApi()
    app.config.update(
        ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=api.url, EXTRACTION_MODE="batch"
    )
    yield api
    api.close()


@pytest.fixture
def client(app):
    """Nobody's client."""
    return ApiClient(app)


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


@pytest.fixture
def director(app):
    return factories.user(role="director")


@pytest.fixture
def architect(app):
    return factories.user(role="architect")


@pytest.fixture
def project(app, architect):
    """A project that `architect` works on."""
    return factories.project(members={architect: "member"})


@pytest.fixture
def as_director(client, director):
    return client.signed_in(director)


@pytest.fixture
def as_architect(client, architect):
    return client.signed_in(architect)


def pytest_terminal_summary(terminalreporter):
    """Print how many requests schemathesis generated, over all processes."""
    reports = (report for found in terminalreporter.stats.values() for report in found)
    cases = sum(
        count
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, count in report.user_properties
        if name == "generated_cases"
    )
    if cases:
        terminalreporter.write_line(f"schemathesis: {cases} generated cases")
