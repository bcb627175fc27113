"""What gunicorn's processes count, they count together."""

import os
import re
import signal
import socket
import time
from contextlib import contextmanager

import httpx2
import pytest

from tests.api.test_metrics import read
from tests.e2e.site import metrics_folders, wait_until

UNFINISHED = (
    b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"
)
ALIVE = {"method": "GET", "route": "/health", "status": "200"}


class Crew:
    """A site's gunicorn with two workers, each of which can be asked by itself."""

    def __init__(self, site):
        self.site = site
        self.web = site.start_web()

    def booted(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.log())]

    def exited(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"Worker exiting \(pid: (\d+)", self.log())]

    def log(self) -> str:
        return self.site.log(self.web)

    def workers(self) -> list[int]:
        return self.booted()[-2:]

    def ask(self, path: str) -> httpx2.Response:
        """On a connection of its own, which any worker may accept."""
        address = f"http://127.0.0.1:{self.site.port}{path}"
        return httpx2.get(address, timeout=30)

    def ask_one(self, worker: int, path: str) -> httpx2.Response:
        with self.alone(worker):
            return self.ask(path)

    @contextmanager
    def alone(self, worker: int):
        """Nobody else accepts connections meanwhile."""
        held = [pid for pid in self.workers() if pid != worker]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)

    def begin(self, worker: int) -> socket.socket:
        """A request that this worker is reading, and will be until it is closed."""
        with self.alone(worker):
            begun = socket.create_connection(("127.0.0.1", self.site.port))
            begun.sendall(UNFINISHED)
            time.sleep(0.5)
        return begun

    def answered(self, worker: int | None = None) -> float:
        """How many requests for /health there were, as any worker or this one tells."""
        page = self.ask_one(worker, "/metrics") if worker else self.ask("/metrics")
        return read(page.text).of("http_request_duration_seconds_count", **ALIVE)

    def in_progress(self) -> float:
        """The one who asks is one of them."""
        return read(self.ask("/metrics").text).of("http_requests_in_progress")

    def kill(self, worker: int) -> None:
        """gunicorn starts another one."""
        before = len(self.booted())
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(self.booted()) > before)


@pytest.fixture(scope="module")
def crew(make_site):
    made = Crew(make_site("crew", WEB_CONCURRENCY="2"))
    # Nobody accepts for a worker that is held before it serves.
    wait_until(lambda: len(made.booted()) == 2)
    for worker in made.workers():
        wait_until(lambda pid=worker: made.ask_one(pid, "/ready").status_code == 200)
    return made


def test_any_worker_answers_for_all_and_what_was_counted_outlives_them(crew):
    one, other = crew.workers()
    for _ in range(3):
        crew.ask_one(one, "/health")
    for _ in range(4):
        crew.ask_one(other, "/health")
    assert crew.answered(one) == crew.answered(other) == 7

    crew.kill(one)
    assert crew.answered() == 7

    before = len(crew.booted())
    crew.web.send_signal(signal.SIGHUP)
    wait_until(lambda: len(crew.booted()) == before + 2 and other in crew.exited())
    assert crew.answered() == 7
    crew.ask("/health")
    assert crew.answered() == 8


def test_what_died_with_its_worker_is_no_longer_in_progress(crew):
    one, _ = crew.workers()
    with crew.begin(one):
        wait_until(lambda: crew.in_progress() == 2)
        crew.kill(one)
        wait_until(lambda: crew.in_progress() == 1)


def test_the_files_that_it_counts_in_go_when_it_stops(crew):
    assert len(metrics_folders(crew.web)) == 1
    crew.site.stop(crew.web)
    assert metrics_folders(crew.web) == []
