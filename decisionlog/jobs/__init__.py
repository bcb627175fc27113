"""Work outside a request. The queue wakes a worker up; what there is to do stands in the database.

A signal carries nothing: a worker that gets one takes the transcript that is due. A lost signal
loses nothing, since the sweep sends as many as are missing; a doubled one finds nothing to do.
"""

from functools import cache
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from werkzeug.local import LocalProxy

if TYPE_CHECKING:
    from huey import Huey
    from huey.api import TaskWrapper

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    connected = cache(lambda: _connect(app))
    # At first need: huey brings the drivers of every store that it knows.
    app.extensions["huey"] = LocalProxy(lambda: connected()[0])
    app.extensions["wake_worker"] = LocalProxy(lambda: connected()[1])


def _connect(app: Flask) -> "tuple[Huey, TaskWrapper]":
    from decisionlog.jobs import queue

    huey = queue.connect(app.config["QUEUE_URL"])

    @huey.task(name="extract_next_transcript")
    def extract_next_transcript() -> None:
        from decisionlog.jobs import extract_decisions

        with app.app_context():
            delay = extract_decisions.run_next()
            if delay is not None:
                extract_next_transcript.schedule(delay=delay)

    return huey, extract_next_transcript


def wake(app: Flask) -> None:
    """Tell a worker that a transcript is due. Never raises: the sweep finds it all the same."""
    try:
        app.extensions["wake_worker"]()
    except Exception as error:
        log.warning("queue unreachable, the sweep will find the work", error=type(error).__name__)
