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


@pytest.fixture
def start_batch_worker(start_worker, claude):
    def start(**changes):
        return start_worker(
            ANTHROPIC_API_KEY="sk-ant-test",
            ANTHROPIC_BASE_URL=claude.url,
            EXTRACTION_MODE="batch",
            **changes,
        )

    return start


def test_a_worker_killed_after_it_sent_a_batch_leaves_the_answer_to_another(
    quiet_site, start_batch_worker, claude
):
    claude.holds = True
    worker = start_batch_worker(**SHORT_LEASE)
    transcript_id = quiet_site.deliver(SPEECH)
    wait_until(lambda: quiet_site.transcript(transcript_id)["batch_ids"])
    quiet_site.stop(worker, signal.SIGKILL)
    claude.end()
    start_batch_worker(**SHORT_LEASE)
    transcript = quiet_site.wait_for(transcript_id)
    assert (transcript["status"], transcript["batch_ids"]) == ("processed", None)
    assert [run["batch_ids"] for run in transcript["runs"]] == [["msgbatch_001"]]
    assert len(quiet_site.decisions(transcript_id)) == 1
    assert claude.calls.count("create") == 1


def test_a_worker_killed_before_it_learned_of_its_batch_doubles_no_decision(
    quiet_site, start_batch_worker, claude
):
    claude.swallows = True
    worker = start_batch_worker(**SHORT_LEASE)
    transcript_id = quiet_site.deliver(SPEECH)
    wait_until(lambda: claude.batches)
    quiet_site.stop(worker, signal.SIGKILL)
    claude.swallows = False
    assert quiet_site.transcript(transcript_id)["batch_ids"] is None
    start_batch_worker(**SHORT_LEASE)
    transcript = quiet_site.wait_for(transcript_id)
    assert transcript["status"] == "processed"
    assert transcript["attempts"] >= 2
    assert [run["batch_ids"] for run in transcript["runs"]] == [[claude.last_id]]
    assert len(quiet_site.decisions(transcript_id)) == 1


def test_workers_share_the_looks_and_no_meeting_is_stored_twice(
    quiet_site, start_batch_worker, claude
):
    claude.holds = True
    workers = [start_batch_worker(), start_batch_worker()]
    ids = [quiet_site.deliver(SPEECH) for _ in range(4)]
    wait_until(lambda: len(claude.batches) == 4)
    for batch_id in list(claude.batches):
        claude.end(batch_id)
    for transcript_id in ids:
        transcript = quiet_site.wait_for(transcript_id)
        assert (transcript["status"], transcript["attempts"]) == ("processed", 1)
        assert len(transcript["runs"]) == len(quiet_site.decisions(transcript_id)) == 1
    assert sum(quiet_site.log(worker).count("transcript processed") for worker in workers) == 4
