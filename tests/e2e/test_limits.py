"""Login limits over several processes, with the store they share, and without it."""

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import start_redis
from tests.e2e.site import free_port

PROCESSES = 5
TRIES = 5

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="no Redis server is installed"
)


@pytest.fixture
def store(tmp_path):
    """A Redis of this test's own, to be killed."""
    port = free_port()
    process = start_redis(port, tmp_path)
    process.url = f"redis://127.0.0.1:{port}/0"
    yield process
    process.kill()
    process.wait(timeout=10)


@pytest.fixture
def wide_site(make_site, store):
    """Five gunicorn processes that share one Redis."""
    made = make_site(
        f"limits{store.pid}", WEB_CONCURRENCY=str(PROCESSES), RATELIMIT_STORAGE_URI=store.url
    )
    made.start_web()
    return made


def attempt(site, number, address):
    """A wrong login, each for another account, so that only the address counts."""
    wrong = {"email": f"person{number}@example.com", "password": "not the right one"}
    return site.api.post("/auth/login", json=wrong, headers={"X-Forwarded-For": address})


def storm(site, attempts, address):
    with ThreadPoolExecutor(10) as attackers:
        answers = attackers.map(lambda number: attempt(site, number, address), range(attempts))
        return [answer.status_code for answer in answers]


def test_five_processes_with_redis_let_exactly_five_attempts_through(wide_site):
    statuses = storm(wide_site, 60, "198.51.100.1")
    assert sorted(statuses) == [401] * TRIES + [429] * (60 - TRIES)


def test_when_redis_dies_nobody_gets_an_error_and_each_process_still_limits(wide_site, store):
    killer = threading.Timer(0.5, store.kill)
    killer.start()
    statuses = []
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        number = len(statuses)
        statuses.append(attempt(wide_site, number, f"198.51.100.{number % 200}").status_code)
    killer.join()
    assert set(statuses) <= {401, 429}
    assert store.wait(timeout=10) != 0

    late = storm(wide_site, 100, "203.0.113.1")
    assert set(late) == {401, 429}
    assert TRIES <= late.count(401) <= TRIES * PROCESSES
