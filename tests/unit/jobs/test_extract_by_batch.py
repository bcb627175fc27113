"""Kills, zombies and slow answers between the steps of a batch: nothing lost, nothing doubled."""

import json
import time
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from decisionlog import clock, transcripts
from decisionlog.extensions import db
from decisionlog.extraction.batching import progress
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs import leases
from decisionlog.jobs.reprocess import reprocess
from decisionlog.models import Decision, ExtractionRun, Transcript
from tests import factories
from tests.unit.extraction.batches_api import succeeded
from tests.unit.extraction.messages_api import decision

STEEL = decision("We go with steel for the frame.", 1, "The frame will be steel.")
OAK = decision("the stairs will be oak", 2, "The stairs will be oak.")
LEASE_SECONDS = 300


class Killed(BaseException):
    pass


@pytest.fixture(autouse=True)
def claude(batches):
    batches.otherwise = lambda request: json.dumps({"decisions": [STEEL, OAK]})
    return batches


@pytest.fixture
def now():
    with time_machine.travel(clock.now()) as traveller:
        yield traveller


def fresh(transcript):
    db.session.expire_all()
    return db.session.get(Transcript, transcript.id)


def next_step(now, transcript):
    """Work once the transcript is due, or the lease of whoever held it has run out."""
    now.shift(LEASE_SECONDS + 1)
    job.run_next()
    return fresh(transcript)


def decisions():
    return list(db.session.scalars(select(Decision.decision_statement)))


def runs():
    return list(db.session.scalars(select(ExtractionRun)))


def dies_at_commit(monkeypatch, when, error=Killed):
    """Every commit at which `when()` holds fails, and nothing of it is stored."""
    commit = db.session.commit

    def commit_or_die():
        if when():
            raise error
        commit()

    monkeypatch.setattr(db.session, "commit", commit_or_die)


def test_a_worker_killed_between_sending_and_noting_the_batch_costs_a_batch_and_nothing_else(
    now, transcript, claude, monkeypatch
):
    with monkeypatch.context() as patched:
        dies_at_commit(patched, lambda: claude.batches)
        with pytest.raises(Killed):
            job.run_next()
    db.session.rollback()
    row = fresh(transcript)
    assert (row.status, row.batch_ids) == ("processing", None)
    assert next_step(now, transcript).batch_ids == ["msgbatch_002"]
    row = next_step(now, transcript)
    assert (row.status, row.attempts) == ("processed", 2)
    assert len(decisions()) == 2
    assert [run.batch_ids for run in runs()] == [["msgbatch_002"]]


def test_a_batch_that_can_not_be_noted_is_cancelled(now, transcript, claude, monkeypatch):
    error = OperationalError("UPDATE", {}, Exception("the disk is full"))
    with monkeypatch.context() as patched:
        fails = iter([True])
        dies_at_commit(patched, lambda: claude.batches and next(fails, False), error)
        job.run_next()
    assert claude.calls[-1] == "cancel msgbatch_001"
    row = fresh(transcript)
    assert (row.status, row.attempts, row.batch_ids) == ("pending", 1, None)
    next_step(now, transcript)
    assert next_step(now, transcript).status == "processed"
    assert len(decisions()) == 2


def test_a_worker_killed_between_reading_and_storing_leaves_the_answer_to_the_next(
    now, transcript, claude, monkeypatch
):
    job.run_next()
    with monkeypatch.context() as patched:
        dies_at_commit(patched, lambda: decisions())
        now.shift(60)
        with pytest.raises(Killed):
            job.run_next()
    db.session.rollback()
    assert (decisions(), runs(), fresh(transcript).batch_ids) == ([], [], ["msgbatch_001"])
    row = next_step(now, transcript)
    assert (row.status, row.batch_ids) == ("processed", None)
    assert len(decisions()) == 2
    assert len(runs()) == 1
    assert claude.calls.count("create") == 1


def test_a_fault_of_ours_while_storing_is_an_attempt_but_asks_nobody_again(
    now, transcript, claude, monkeypatch
):
    def crash(decision):
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    job.run_next()
    with monkeypatch.context() as patched:
        patched.setattr("decisionlog.jobs.store.search.index", crash)
        row = next_step(now, transcript)
    assert (row.status, row.attempts, row.batch_ids) == ("pending", 1, ["msgbatch_001"])
    row = next_step(now, transcript)
    assert (row.status, row.attempts) == ("processed", 2)
    assert [run.cost_usd > 0 for run in sorted(runs(), key=lambda run: run.attempt)] == [
        False,
        True,
    ]
    assert claude.calls.count("create") == 1


def test_workers_that_die_at_every_look_end_the_transcript_and_its_answer_can_still_be_had(
    now, transcript, claude
):
    job.run_next()
    row = fresh(transcript)
    row.status, row.attempts = "processing", 5
    row.lease_owner, row.lease_until = "gone", clock.now() - timedelta(seconds=1)
    db.session.commit()
    job.run_next()
    row = fresh(transcript)
    assert (row.status, row.batch_ids) == ("failed", ["msgbatch_001"])
    assert "killed" in row.last_error
    reprocess(transcript.id)
    db.session.commit()
    assert next_step(now, transcript).status == "processed"
    assert claude.calls.count("create") == 1


def test_a_zombie_that_sends_after_its_lease_notes_nothing_and_cancels_its_batch(
    app, transcript, claude, monkeypatch
):
    """While this worker sleeps between sending and noting, another one sends too."""
    most = "decisionlog.extraction.claude.ClaudeExtractor.at_most"
    extractor_at_most = job.extractors.from_settings(app.config).at_most
    asleep = iter([True])

    def slow(extractor, turns):
        if next(asleep, False):
            with app.app_context(), time_machine.travel(_after_lease()):
                job.run_next()
        return extractor_at_most(turns)

    monkeypatch.setattr(most, slow)
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.batch_ids) == ("pending", ["msgbatch_002"])
    assert claude.calls == ["create", "create", "cancel msgbatch_001"]


def test_a_zombie_whose_answer_was_stored_by_another_stores_nothing(
    app, now, transcript, monkeypatch
):
    """While this worker sleeps over the answer, another one reads and stores it."""
    asleep = iter([True])

    def slow(*arguments):
        if next(asleep, False):
            with app.app_context(), time_machine.travel(_after_lease()):
                job.run_next()
        return progress(*arguments)

    job.run_next()
    now.shift(60)
    monkeypatch.setattr("decisionlog.jobs.extract_by_batch.progress", slow)
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.attempts) == ("processed", 2)
    assert len(decisions()) == 2
    assert [run.attempt for run in runs()] == [2]


def _after_lease():
    return clock.now() + timedelta(seconds=LEASE_SECONDS + 1)


@pytest.mark.parametrize("call", ["create", "retrieve"])
def test_the_lease_outlives_a_batches_api_that_is_slow(app, transcript, claude, call):
    app.config["EXTRACTION_LEASE_SECONDS"] = 1
    app.config["EXTRACTION_RETRY_SECONDS"] = 0.01
    shown = claude._shown

    def slowly(batch_id):
        time.sleep(1.5 if claude.calls[-1].startswith(call) else 0)
        return shown(batch_id)

    claude._shown = slowly
    job.run_next()
    time.sleep(0.05)
    job.run_next()
    assert fresh(transcript).status == "processed"


def test_no_transaction_is_open_while_the_batches_api_answers(now, transcript, claude, monkeypatch):
    seen = []

    def ask(lease, call):
        seen.append(db.session().in_transaction())
        return call()

    monkeypatch.setattr(leases, "while_renewing", ask)
    claude.answers.append(succeeded("", "max_tokens"))
    job.run_next()
    next_step(now, transcript)
    assert next_step(now, transcript).status == "processed"
    assert seen == [False] * 4


def test_a_look_at_a_batch_under_way_does_not_read_the_transcript(
    now, transcript, claude, monkeypatch
):
    job.run_next()
    claude.holds = True
    monkeypatch.setattr(transcripts, "parse", None)
    assert next_step(now, transcript).last_error is None
    assert next_step(now, transcript).status == "pending"


def test_what_people_touched_while_a_batch_was_outstanding_stays(
    now, transcript, claude, architect, project
):
    job.run_next()
    next_step(now, transcript)
    reprocess(transcript.id)
    db.session.commit()
    job.run_next()
    steel = db.session.scalars(
        select(Decision).where(Decision.decision_statement == "The frame will be steel.")
    ).one()
    factories.link(steel, factories.decision(project))
    next_step(now, transcript)
    alive = select(Decision.id).where(
        Decision.transcript_id == transcript.id, Decision.deleted_at.is_(None)
    )
    assert steel.id in db.session.scalars(alive).all()
    assert len(db.session.scalars(alive).all()) == 2
