"""The worker process: huey's consumer, and what is done regularly beside it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from flask import Flask

from decisionlog import clock, jobs
from decisionlog.jobs import (
    deliver_webhooks,
    embed_decisions,
    leases,
    purge_sessions,
    send_digests,
    send_notices,
)

log = structlog.get_logger()

Chore = Callable[[Flask], int]
DAY_SECONDS = timedelta(days=1).total_seconds()


def run(app: Flask, threads: int) -> None:
    """Work until SIGTERM, which lets the transcripts in hand be finished."""
    consumer = app.extensions["huey"].create_consumer(
        workers=threads, periodic=False, max_delay=1, graceful_signal="TERM"
    )
    done = threading.Event()
    chores = [(chore, app.config["SWEEP_SECONDS"]) for chore in CHORES]
    chores += [(chore, DAY_SECONDS) for chore in DAILY_CHORES]
    rounds = [
        threading.Thread(target=_keep_doing, args=(app, chore, pause, done), daemon=True)
        for chore, pause in chores
    ]
    for thread in rounds:
        thread.start()
    try:
        consumer.run()
    finally:
        done.set()
        for thread in rounds:
            thread.join()


def _keep_doing(app: Flask, chore: Chore, pause: float, done: threading.Event) -> None:
    while True:
        _do(app, chore)
        if done.wait(pause):
            return


def _do(app: Flask, chore: Chore) -> None:
    began_at = clock.monotonic()
    try:
        count = chore(app)
    except Exception:
        log.exception("chore failed, trying again", chore=chore.__module__)
        return
    if count:
        seconds = round(clock.monotonic() - began_at, 3)
        log.info("chore done", chore=chore.__module__, count=count, seconds=seconds)


def sweep(app: Flask) -> int:
    """Send the signals that were lost: as many as transcripts are due beyond those in the queue.

    Any number of workers may sweep at once; a signal too many finds nothing to do. Returns how
    many were sent.
    """
    with app.app_context():
        missing = leases.due_count() - app.extensions["huey"].pending_count()
    for _ in range(missing):
        jobs.wake(app)
    return max(missing, 0)


# What is done again and again, each in a thread of its own: a slow receiver delays no transcript.
CHORES: tuple[Chore, ...] = (
    sweep,
    deliver_webhooks.run,
    embed_decisions.run,
    send_digests.run,
    send_notices.run,
)
DAILY_CHORES: tuple[Chore, ...] = (purge_sessions.run,)
