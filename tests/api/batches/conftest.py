import uuid

import pytest
import time_machine

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.jobs.worker import sweep
from tests.api.batches.meetings import found, moment
from tests.speech import OAK, SPEECH, STEEL


@pytest.fixture(autouse=True)
def claude(batches):
    batches.otherwise = lambda request: found(STEEL, OAK)
    return batches


@pytest.fixture
def time():
    """The clock that everything goes by: `time.shift(seconds)`."""
    with time_machine.travel(clock.now()) as traveller:
        yield traveller


@pytest.fixture
def work(app):
    """Do all that is due, as a worker does after a sweep."""
    huey = app.extensions["huey"]

    def run():
        sweep(app)
        while task := huey.dequeue():
            huey.execute(task)
        db.session.expire_all()

    return run


@pytest.fixture
def meeting(client, as_director, project, time, work):
    """Meetings that come in by the webhook, and what REST says of them."""

    class Meeting:
        def __init__(self, speech=SPEECH):
            payload = {
                "webhook_id": uuid.uuid4().hex,
                "project_id": str(project.id),
                "transcript": speech,
                "meeting_date": "2026-11-03",
            }
            answer = client.deliver(payload)
            assert answer.status_code == 202
            self.id = answer.get_json()["transcript_id"]

        @property
        def now(self):
            return as_director.get(f"/transcripts/{self.id}").get_json()

        @property
        def decisions(self):
            listed = as_director.get(
                f"/projects/{project.id}/decisions?transcript_id={self.id}&sort_by=timestamp"
                "&sort_order=asc"
            ).get_json()
            return [row["decision_statement"] for row in listed["decisions"]]

        def reprocess(self):
            return as_director.post(f"/transcripts/{self.id}/reprocess")

        def goes_on(self, seconds=None):
            """Work once its next step is due, or after some seconds. Returns what it is then."""
            if seconds is None:
                due = moment(self.now["next_attempt_at"])
                seconds = max(0, (due - clock.now()).total_seconds() + 1)
            time.shift(seconds)
            work()
            return self.now

    return Meeting
