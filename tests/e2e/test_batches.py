"""EXTRACTION_MODE=batch with real workers that are killed between the steps."""

import signal

import pytest

from tests.e2e.site import wait_until
from tests.e2e.test_processes import ANSWER, SHORT_LEASE, SPEECH
from tests.unit.extraction.batches_api import BatchesApi


@pytest.fixture
def claude():
    api = BatchesApi()
    api.otherwise = lambda request: ANSWER
    yield api
    api.close()


@pytest.fixture(scope="module")
def batch_site(make_site):
    """A web process without a worker: a test starts its own."""
    made = make_site("batches")
    made.start_web()
    return made


@pytest.fixture
def start_worker(batch_site, claude):
    started = []

    def start(**changes):
        worker = batch_site.start_worker(
            ANTHROPIC_API_KEY="sk-ant-test",
            ANTHROPIC_BASE_URL=claude.url,
            EXTRACTION_MODE="batch",
            **changes,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        batch_site.stop(worker, signal.SIGKILL)


def test_a_worker_killed_after_it_sent_a_batch_leaves_the_answer_to_another(
    batch_site, start_worker, claude
):
    claude.holds = True
    worker = start_worker(**SHORT_LEASE)
    transcript_id = batch_site.deliver(SPEECH)
    wait_until(lambda: batch_site.transcript(transcript_id)["batch_ids"])
    batch_site.stop(worker, signal.SIGKILL)
    claude.end()
    start_worker(**SHORT_LEASE)
    transcript = batch_site.wait_for(transcript_id)
    assert (transcript["status"], transcript["batch_ids"]) == ("processed", None)
    assert [run["batch_ids"] for run in transcript["runs"]] == [["msgbatch_001"]]
    assert len(batch_site.decisions(transcript_id)) == 1
    assert claude.calls.count("create") == 1


def test_a_worker_killed_before_it_learned_of_its_batch_doubles_no_decision(
    batch_site, start_worker, claude
):
    claude.swallows = True
    worker = start_worker(**SHORT_LEASE)
    transcript_id = batch_site.deliver(SPEECH)
    wait_until(lambda: claude.batches)
    batch_site.stop(worker, signal.SIGKILL)
    claude.swallows = False
    assert batch_site.transcript(transcript_id)["batch_ids"] is None
    start_worker(**SHORT_LEASE)
    transcript = batch_site.wait_for(transcript_id)
    assert transcript["status"] == "processed"
    assert transcript["attempts"] >= 2
    assert [run["batch_ids"] for run in transcript["runs"]] == [[claude.last_id]]
    assert len(batch_site.decisions(transcript_id)) == 1


def test_workers_share_the_looks_and_no_meeting_is_stored_twice(batch_site, start_worker, claude):
    claude.holds = True
    workers = [start_worker(), start_worker()]
    ids = [batch_site.deliver(SPEECH) for _ in range(4)]
    wait_until(lambda: len(claude.batches) == 4)
    for batch_id in list(claude.batches):
        claude.end(batch_id)
    for transcript_id in ids:
        transcript = batch_site.wait_for(transcript_id)
        assert (transcript["status"], transcript["attempts"]) == ("processed", 1)
        assert len(transcript["runs"]) == len(batch_site.decisions(transcript_id)) == 1
    assert sum(batch_site.log(worker).count("transcript processed") for worker in workers) == 4
