"""Signals wake workers up; the sweep replaces those that were lost."""

import socket
from datetime import timedelta

import pytest

from decisionlog import clock, jobs
from decisionlog.extensions import db
from decisionlog.extraction.drafts import TransientError
from decisionlog.jobs import queue
from decisionlog.jobs.worker import sweep
from decisionlog.models import Transcript
from tests import factories
from tests.api_client import ApiClient


def waiting_signals(app):
    return app.extensions["huey"].pending_count()


def test_the_sweep_sends_the_signals_that_are_missing(app, project):
    for _ in range(3):
        factories.transcript(project)
    jobs.wake(app)
    assert sweep(app) == 2
    assert waiting_signals(app) == 3
    assert sweep(app) == 0


def test_the_sweep_finds_what_a_dead_worker_left(app, project):
    silent = clock.now() - timedelta(seconds=1)
    factories.transcript(project, status="processing", lease_owner="gone", lease_until=silent)
    assert sweep(app) == 1


def test_the_sweep_leaves_alone_what_is_worked_on_or_ended(app, project):
    held = clock.now() + timedelta(minutes=5)
    factories.transcript(project, status="processing", lease_owner="busy", lease_until=held)
    factories.transcript(project, status="processed")
    factories.transcript(project, next_attempt_at=held)
    assert sweep(app) == 0


def test_a_signal_makes_the_worker_do_the_work(app, transcript, extractor):
    jobs.wake(app)
    huey = app.extensions["huey"]
    huey.execute(huey.dequeue())
    assert _status(transcript) == "processed"


def test_a_signal_too_many_does_no_harm(app, extractor):
    jobs.wake(app)
    huey = app.extensions["huey"]
    huey.execute(huey.dequeue())
    assert extractor.calls == []


def test_an_attempt_that_is_put_off_leaves_a_signal_for_its_time(app, transcript, extractor):
    extractor.answer = TransientError("busy")
    jobs.wake(app)
    huey = app.extensions["huey"]
    huey.execute(huey.dequeue())
    huey.execute(huey.dequeue())
    assert huey.scheduled_count() == 1
    assert len(extractor.calls) == 1


def test_an_unreachable_queue_loses_no_transcript(make_app, project):
    app = make_app(QUEUE_URL="redis://127.0.0.1:1/0")
    body = {
        "webhook_id": "w-1",
        "project_id": str(project.id),
        "transcript": "[00:00:01] Ana: We go with steel.",
    }
    response = ApiClient(app).deliver(body)
    assert response.status_code == 202


@pytest.mark.parametrize("url", ["mysql://localhost/x", "mongodb://localhost"])
def test_an_unknown_queue_is_refused(url):
    with pytest.raises(ValueError, match=r"sqlite, redis or postgresql|dialect|parse"):
        queue.connect(url)


def test_a_silent_redis_gives_up_before_a_sender_does():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        huey = queue.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        before = clock.monotonic()
        with pytest.raises(Exception, match=r"[Tt]imeout"):
            huey.pending_count()
        assert clock.monotonic() - before < 10


def _status(transcript):
    db.session.expire_all()
    return db.session.get(Transcript, transcript.id).status
