"""What no token speaks of any more is deleted once a day."""

import threading
from datetime import timedelta

import pytest
import time_machine

from decisionlog import clock
from decisionlog.auth import sessions
from decisionlog.extensions import db
from decisionlog.jobs import purge_sessions, worker
from decisionlog.models import RevokedToken, Session


@pytest.fixture
def signed_in_and_out(app, architect):
    """One session that lives, and one that was ended."""
    with app.test_request_context():
        for _ in range(2):
            sessions.start(architect)
        db.session.flush()
        sessions.end(db.session.query(Session).first())
        db.session.commit()


def counts():
    db.session.rollback()
    return db.session.query(Session).count(), db.session.query(RevokedToken).count()


def test_while_a_token_may_live_its_session_and_revocation_stay(app, signed_in_and_out):
    almost = app.config["JWT_REFRESH_TOKEN_EXPIRES"] - timedelta(minutes=1)
    with time_machine.travel(clock.now() + almost):
        assert purge_sessions.run(app) == 0
    assert counts() == (2, 1)


def test_sessions_and_revocations_of_dead_tokens_are_deleted(app, signed_in_and_out):
    past = app.config["JWT_REFRESH_TOKEN_EXPIRES"] + timedelta(minutes=1)
    with time_machine.travel(clock.now() + past):
        assert purge_sessions.run(app) == 2
    assert counts() == (0, 0)


def test_the_worker_purges_when_it_starts(app, signed_in_and_out, monkeypatch):
    class Consumer:
        """Works for as long as there is something to purge, ten seconds at most."""

        def run(self):
            deadline = clock.monotonic() + 10
            while counts() != (0, 0) and clock.monotonic() < deadline:
                threading.Event().wait(0.05)

    monkeypatch.setattr(app.extensions["huey"], "create_consumer", lambda **_: Consumer())
    past = app.config["JWT_REFRESH_TOKEN_EXPIRES"] + timedelta(minutes=1)
    with time_machine.travel(clock.now() + past):
        worker.run(app, threads=1)
    assert counts() == (0, 0)


def test_the_worker_purges_once_a_day(app):
    calls, pauses = [], []

    class TwoDays(threading.Event):
        def wait(self, timeout=None):
            pauses.append(timeout)
            return len(pauses) == 2

    worker._keep_doing(app, lambda app: calls.append(app) or 0, worker.DAY_SECONDS, TwoDays())
    assert len(calls) == 2
    assert pauses == [86400, 86400]
