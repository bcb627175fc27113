"""Transcripts through processes that are killed at random, compared with a run without faults.

    python -m tests.e2e.chaos --transcripts 300 --workers 3
    python -m tests.e2e.chaos --transcripts 300 --workers 3 --postgres postgresql://postgres@…

With --postgres the queue is a Redis of the test's own, killed and started again like the rest;
without it both are SQLite. Every transcript that got a 202 must end `processed` with the very
decisions of the calm run, or `failed` with a reason.
"""

import argparse
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import httpx2

from tests.e2e.conftest import _create_database, _drop_database, start_redis
from tests.e2e.faulty_claude import FaultyClaude, speech
from tests.e2e.site import Site, free_port, wait_until

HANG_SECONDS = 3.0
SETTINGS = {
    "ANTHROPIC_API_KEY": "sk-ant-test",
    "EXTRACTION_TIMEOUT_SECONDS": "2",
    "EXTRACTION_LEASE_SECONDS": "4",
    # Each kill costs an attempt, and here they come by the second.
    "EXTRACTION_MAX_ATTEMPTS": "30",
}


@dataclass
class Result:
    """`ended` maps a delivery to its transcript's status, last error and decisions."""

    ended: dict[str, tuple[str, str | None, list[tuple[str, ...]]]]
    kills: Counter[str]
    answers: dict[str, int]
    attempts: int
    seconds: float


def run(
    transcripts: int,
    workers: int,
    postgres: str | None,
    faults: float,
    kill_every: float,
    seed: int,
) -> Result:
    """Deliver `transcripts`, and kill a random process every `kill_every` seconds (0: never)."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    claude = FaultyClaude(faults, seed, HANG_SECONDS)
    redis_port = free_port()
    database = (
        _create_database(postgres, f"decisionlog_chaos_{redis_port}")
        if postgres
        else f"sqlite:///{folder}/chaos.db"
    )
    settings = SETTINGS | {"ANTHROPIC_BASE_URL": claude.url, "DATABASE_URL": database}
    if postgres:
        settings["QUEUE_URL"] = f"redis://127.0.0.1:{redis_port}/0"
    storm = _Storm(Site(folder, **settings), workers, redis_port if postgres else None, seed)
    started = time.monotonic()
    try:
        storm.begin()
        ids = {}
        for number in range(transcripts):
            ids[f"chaos-{number}"] = _insist(storm, number)
            storm.pass_time(kill_every)
        ended = _wait(storm, ids, kill_every)
    finally:
        storm.end()
        claude.close()
        if postgres:
            _drop_database(postgres, database)
        shutil.rmtree(folder, ignore_errors=True)
    return Result(
        {name: value[:3] for name, value in ended.items()},
        storm.kills,
        claude.sent,
        sum(value[3] for value in ended.values()),
        time.monotonic() - started,
    )


class _Storm:
    """The processes of one run, and the hand that kills them."""

    def __init__(self, site: Site, workers: int, redis_port: int | None, seed: int):
        self.site = site
        self.kills: Counter[str] = Counter()
        self._workers = workers
        self._redis_port = redis_port
        self._random = random.Random(seed)
        self._parts: dict[str, object] = {}
        self._killed_at = time.monotonic()

    def begin(self) -> None:
        if self._redis_port:
            self._parts["queue"] = start_redis(self._redis_port, self.site.folder)
        self.site.prepare()
        self._parts["web"] = self.site.start_web()
        for number in range(self._workers):
            self._parts[f"worker {number}"] = self.site.start_worker()

    def pass_time(self, kill_every: float) -> None:
        if kill_every and time.monotonic() - self._killed_at > kill_every:
            self.kill(self._random.choice(sorted(self._parts)))
            self._killed_at = time.monotonic()

    def kill(self, name: str) -> None:
        self.kills[name.split()[0]] += 1
        if name == "queue":
            self._parts[name].kill()
            self._parts[name].wait()
            self._parts[name] = start_redis(self._redis_port, self.site.folder)
        elif name == "web":
            self.site.stop(self._parts[name], signal.SIGKILL)
            self._parts[name] = self.site.start_web()
        else:
            self.site.stop(self._parts[name], signal.SIGKILL)
            self._parts[name] = self.site.start_worker()

    def end(self) -> None:
        self.site.close()
        if "queue" in self._parts:
            self._parts["queue"].kill()
            self._parts["queue"].wait()


def _insist(storm: _Storm, number: int) -> str:
    """Deliver as a sender does: again and again until it is told 202 or 200."""
    payload = storm.site.payload(speech(number), webhook_id=f"chaos-{number}")

    def taken():
        try:
            answer = storm.site.post(payload)
        except httpx2.TransportError:
            return None
        return answer.json()["transcript_id"] if answer.status_code in (200, 202) else None

    return wait_until(taken)


def _wait(storm: _Storm, ids: dict[str, str], kill_every: float) -> dict[str, tuple]:
    ended: dict[str, tuple] = {}
    deadline = time.monotonic() + 10 * len(ids) + 60
    while len(ended) < len(ids):
        assert time.monotonic() < deadline, f"{len(ids) - len(ended)} transcripts never ended"
        for name, transcript_id in ids.items():
            storm.pass_time(kill_every)
            if name in ended:
                continue
            try:
                transcript = storm.site.transcript(transcript_id)
                if transcript["status"] not in ("processed", "failed"):
                    break  # the oldest is worked on first, so the later ones are hardly further
                ended[name] = (
                    transcript["status"],
                    transcript["last_error"],
                    [_gist(decision) for decision in storm.site.decisions(transcript_id)],
                    transcript["attempts"],
                )
            except httpx2.TransportError:
                break
        time.sleep(0.1)
    return ended


def _gist(decision: dict) -> tuple[str, ...]:
    names = ("decision_statement", "quote", "who", "timestamp", "status")
    return tuple(decision[name] for name in names)


def compare(calm: Result, stormy: Result) -> None:
    """Raises AssertionError where the storm has lost, doubled or changed anything."""
    assert stormy.ended.keys() == calm.ended.keys()
    for name, (status, error, decisions) in stormy.ended.items():
        if status == "failed":
            assert error, name
            assert decisions == [], name
        else:
            assert decisions == calm.ended[name][2], name
    for name, (status, _, decisions) in calm.ended.items():
        assert (status, len(decisions)) == ("processed", 3), name


def figures(title: str, result: Result) -> str:
    statuses = Counter(status for status, _, _ in result.ended.values())
    decisions = sum(len(decisions) for _, _, decisions in result.ended.values())
    return (
        f"{title}: {len(result.ended)} transcripts in {result.seconds:.0f} s,"
        f" {dict(statuses)}, {decisions} decisions, {result.attempts} attempts;"
        f" killed {dict(result.kills)}; answers {result.answers}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transcripts", type=int, default=300)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--postgres", help="URL of a server where a database may be made")
    parser.add_argument("--faults", type=float, default=0.3, help="share of wrong answers")
    parser.add_argument("--kill-every", type=float, default=3, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    calm = run(given.transcripts, given.workers, given.postgres, 0, 0, given.seed)
    click.echo(figures("calm", calm))
    stormy = run(
        given.transcripts,
        given.workers,
        given.postgres,
        given.faults,
        given.kill_every,
        given.seed,
    )
    click.echo(figures("stormy", stormy))
    compare(calm, stormy)
    click.echo("Nothing lost, nothing doubled.")


if __name__ == "__main__":
    main()
