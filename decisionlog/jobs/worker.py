"""The worker process: huey's consumer, and the sweep beside it."""

import threading

import structlog
from flask import Flask

from decisionlog import jobs
from decisionlog.jobs import leases

log = structlog.get_logger()


def run(app: Flask, threads: int) -> None:
    """Work until SIGTERM, which lets the transcripts in hand be finished."""
    consumer = app.extensions["huey"].create_consumer(
        workers=threads, periodic=False, max_delay=1, graceful_signal="TERM"
    )
    done = threading.Event()
    sweeper = threading.Thread(target=_keep_sweeping, args=(app, done), name="sweep", daemon=True)
    sweeper.start()
    try:
        consumer.run()
    finally:
        done.set()
        sweeper.join()


def _keep_sweeping(app: Flask, done: threading.Event) -> None:
    while True:
        try:
            sweep(app)
        except Exception as error:
            log.warning("sweep failed, trying again", error=type(error).__name__)
        if done.wait(app.config["SWEEP_SECONDS"]):
            return


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
