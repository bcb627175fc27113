import os
import shutil
import signal
import subprocess

import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.conftest import _worker_number
from tests.e2e.site import Site, free_port, wait_until

SITES = ("site", "quiet_site", "claude_site", "wide_site")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            # One process of the suite takes all the tests of a site, which need not start twice.
            for name in SITES:
                if name in item.fixturenames:
                    item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory):
    """The URL of a Redis that nobody else uses; None on SQLite or where there is none."""
    if "TEST_REDIS_URL" not in os.environ or shutil.which("redis-server") is None:
        yield None
        return
    port = free_port()
    process = start_redis(port, tmp_path_factory.mktemp("redis"))
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(timeout=10)


def start_redis(port, folder) -> subprocess.Popen:
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: _answers(port))
    return process


def _answers(port) -> bool:
    try:
        return redis.Redis(port=port).ping()
    except redis.ConnectionError:
        return False


@pytest.fixture(scope="session")
def make_site(tmp_path_factory, own_redis):
    """Makes sites, each on a database of its own: `make_site("name", SETTING="value")`."""
    sites, databases = [], []
    server = os.environ.get("TEST_DATABASE_URL")

    def make(name: str, **settings: str) -> Site:
        folder = tmp_path_factory.mktemp(name)
        if server:
            url = _create_database(server, f"decisionlog_e2e_{name}_{_worker_number()}")
            databases.append(url)
            settings = {"DATABASE_URL": url} | settings
        else:
            settings = {"DATABASE_URL": f"sqlite:///{folder}/test.db"} | settings
        if own_redis:
            number = len(sites)
            settings = {"QUEUE_URL": own_redis.removesuffix("0") + str(number)} | settings
        site = Site(folder, **settings)
        sites.append(site)
        return site.prepare()

    yield make
    for site in sites:
        site.close()
    for url in databases:
        _drop_database(server, url)


def _admin(server):
    url = make_url(server).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _create_database(server, name) -> str:
    with _admin(server).connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop_database(server, url) -> None:
    with _admin(server).connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))


@pytest.fixture(scope="session")
def quiet_site(make_site):
    """A web process without a worker: a test starts its own."""
    made = make_site("quiet")
    made.start_web()
    return made


@pytest.fixture
def start_worker(quiet_site):
    """Starts workers at the quiet site that end with the test."""
    started = []

    def start(**changes):
        worker = quiet_site.start_worker(**changes)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        quiet_site.stop(worker, signal.SIGKILL)


@pytest.fixture(scope="session")
def site(make_site):
    """A web process and one worker with the offline extractor."""
    made = make_site("site")
    made.start_web()
    made.start_worker(threads=2)
    return made
