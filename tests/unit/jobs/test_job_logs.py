"""What the log tells of a job: when it began and ended, how long it took, who asked for it."""

import threading

import pytest
import structlog
from structlog.testing import capture_logs

from decisionlog.extraction.drafts import PermanentError, TransientError
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs import worker
from tests.unit.jobs.conftest import SPEECH


@pytest.fixture
def logged():
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines


def events(lines, **having):
    return [line["event"] for line in lines if having.items() <= line.items()]


def work():
    """As a worker does it, who knows nothing of the requests that this process has answered."""
    structlog.contextvars.clear_contextvars()
    job.run_next()


def deliver(client, project, **headers):
    body = {"webhook_id": "w-1", "project_id": str(project.id), "transcript": SPEECH}
    return client.deliver(body, headers=headers).get_json()["transcript_id"]


def test_the_id_of_the_request_that_brought_a_transcript_is_in_all_lines_of_its_job(
    client, project, extractor, logged
):
    transcript_id = deliver(client, project, **{"X-Request-ID": "the-delivery"})
    work()
    named = {"transcript_id": transcript_id, "request_id": "the-delivery"}
    assert events(logged, **named) == [
        "transcript received",
        "extraction begins",
        "transcript processed",
        "extraction ends",
    ]


def test_a_rerun_is_of_the_request_that_asked_for_it(
    client, as_director, project, extractor, logged
):
    transcript_id = deliver(client, project, **{"X-Request-ID": "the-delivery"})
    work()
    as_director.post(
        f"/transcripts/{transcript_id}/reprocess", headers={"X-Request-ID": "the-director"}
    )
    logged.clear()
    work()
    assert "transcript processed" in events(logged, request_id="the-director")
    assert events(logged, request_id="the-delivery") == []


@pytest.mark.parametrize(
    "answer", [TransientError("busy"), PermanentError("no credit"), RuntimeError("a fault")]
)
def test_a_job_that_fails_has_a_beginning_and_an_end_too(transcript, extractor, logged, answer):
    extractor.answer = answer
    work()
    named = {"transcript_id": str(transcript.id), "attempt": 1}
    told = events(logged, **named)
    assert (told[0], told[-1]) == ("extraction begins", "extraction ends")
    assert "extraction failed" in told
    assert logged[-1]["seconds"] >= 0
    assert "request_id" not in logged[-1]


def once(app, chore):
    """A round of the worker."""
    over = threading.Event()
    over.set()
    worker._keep_doing(app, chore, 60, over)


def test_a_chore_that_did_something_says_what_and_how_long_it_took(app, logged):
    once(app, lambda app: 3)
    (line,) = logged
    assert (line["event"], line["count"], line["chore"]) == ("chore done", 3, __name__)
    assert line["seconds"] >= 0


def test_a_chore_that_found_nothing_to_do_says_nothing(app, logged):
    once(app, lambda app: 0)
    assert logged == []


def test_a_chore_that_fails_says_why(app, logged):
    once(app, lambda app: 1 / 0)
    (line,) = logged
    assert (line["event"], line["log_level"]) == ("chore failed, trying again", "error")
    assert line["exc_info"]
