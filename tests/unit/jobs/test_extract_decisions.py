"""What one attempt leaves behind, however it ends."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.extraction.drafts import PermanentError, TransientError, Usage
from decisionlog.jobs import attempts
from decisionlog.jobs import extract_decisions as job
from decisionlog.models import AuditEvent, Decision, ExtractionRun, Transcript
from tests import factories
from tests.unit.extraction.builders import draft


def fresh(transcript):
    db.session.expire_all()
    return db.session.get(Transcript, transcript.id)


def decisions():
    statement = select(Decision).where(Decision.deleted_at.is_(None))
    return list(db.session.scalars(statement.order_by(Decision.timestamp_seconds)))


def runs():
    return list(db.session.scalars(select(ExtractionRun).order_by(ExtractionRun.started_at)))


def test_a_due_transcript_becomes_decisions(transcript, extractor):
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.attempts, row.last_error) == ("processed", 1, None)
    assert row.processed_at is not None
    assert row.lease_owner is None
    steel, oak = decisions()
    assert (steel.who, steel.timestamp_seconds, steel.quote) == (
        "Rui",
        9,
        "We go with steel for the frame",
    )
    assert (oak.who, oak.timestamp_seconds) == ("Ana", 15)
    assert {decision.status for decision in (steel, oak)} == {"proposed"}


def test_the_run_says_what_it_took(transcript, extractor):
    job.run_next()
    (run,) = runs()
    assert (run.status, run.attempt, run.extractor, run.parts) == ("complete", 1, "scripted", 1)
    assert (run.decision_count, run.input_tokens, run.output_tokens) == (2, 100, 10)
    assert run.cost_usd is None
    assert run.started_at <= run.finished_at


def test_an_invented_quote_is_kept_in_the_run_only(transcript, extractor):
    extractor.answer = (draft("We go with marble.", 1, "It will be marble.\N{SNOWMAN}"),)
    job.run_next()
    assert decisions() == []
    (run,) = runs()
    assert run.status == "complete"
    (refused,) = run.rejected
    assert refused["quote"] == "We go with marble."
    assert refused["reason"]


def test_a_nul_in_an_invented_quote_loses_nothing(transcript, extractor):
    extractor.answer = (draft("mar\0ble", 1), *extractor.answer)
    job.run_next()
    assert fresh(transcript).status == "processed"
    assert runs()[0].rejected[0]["quote"] == "marble"
    assert len(decisions()) == 2


def test_a_meeting_without_decisions_is_processed(transcript, extractor):
    extractor.answer = ()
    job.run_next()
    assert (fresh(transcript).status, decisions()) == ("processed", [])


def test_nothing_due_is_nothing_to_do(app, extractor):
    assert job.run_next() is None
    assert extractor.calls == []


def test_an_error_that_passes_is_tried_again_after_a_pause(transcript, extractor):
    extractor.answer = TransientError("busy (529)")
    before = clock.now()
    delay = job.run_next()
    row = fresh(transcript)
    assert (row.status, row.attempts, row.last_error) == ("pending", 1, "busy (529)")
    assert row.lease_owner is None
    assert 7.5 <= delay <= 15
    assert row.next_attempt_at >= before + timedelta(seconds=delay)
    (run,) = runs()
    assert (run.status, run.error) == ("failed", "busy (529)")


def test_a_second_attempt_that_goes_well_leaves_both_runs(transcript, extractor):
    good, extractor.answer = extractor.answer, TransientError("busy (529)")
    job.run_next()
    extractor.answer = good
    with time_machine.travel(clock.now() + timedelta(seconds=16)):
        job.run_next()
    row = fresh(transcript)
    assert (row.status, row.attempts, row.last_error) == ("processed", 2, None)
    assert [run.status for run in runs()] == ["failed", "complete"]


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 15), (2, 90), (3, 540), (4, 3240), (5, 3600), (60, 3600)]
)
def test_pauses_grow_sixfold_up_to_an_hour_with_jitter(app, attempt, ceiling):
    pauses = [attempts.backoff(attempt, None) for _ in range(200)]
    assert all(ceiling / 2 <= pause <= ceiling for pause in pauses)
    assert max(pauses) - min(pauses) > ceiling / 4


def test_the_service_is_not_asked_again_before_it_wants_to_be(app):
    assert attempts.backoff(1, 120.0) == 120.0
    assert attempts.backoff(4, 1.0) >= 1620


@pytest.mark.parametrize("asked", [1e12, float("inf")])
def test_no_service_can_put_a_transcript_off_for_more_than_a_day(app, asked):
    assert attempts.backoff(1, asked) == 24 * 3600


def test_retry_after_sets_the_next_attempt(transcript, extractor):
    extractor.answer = TransientError("busy (429)", retry_after=600)
    before = clock.now()
    assert job.run_next() == 600
    assert fresh(transcript).next_attempt_at >= before + timedelta(seconds=600)


def test_an_error_that_stays_ends_the_transcript_at_once(transcript, extractor):
    extractor.answer = PermanentError("check ANTHROPIC_API_KEY")
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.last_error == "check ANTHROPIC_API_KEY"
    events = db.session.scalars(select(AuditEvent.event)).all()
    assert "transcript.failed" in events


def test_the_last_attempt_ends_the_transcript_with_its_reason(project, extractor):
    transcript = factories.transcript(project, attempts=4)
    extractor.answer = TransientError("Anthropic is busy (529)")
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.attempts, row.last_error) == ("failed", 5, "Anthropic is busy (529)")


def test_a_transcript_whose_workers_all_died_fails_without_another_call(project, extractor):
    silent = clock.now() - timedelta(seconds=1)
    transcript = factories.transcript(
        project, status="processing", attempts=5, lease_owner="gone", lease_until=silent
    )
    job.run_next()
    row = fresh(transcript)
    assert row.status == "failed"
    assert "killed" in row.last_error
    assert extractor.calls == []


def test_what_a_failed_answer_cost_is_recorded(transcript, extractor):
    extractor.answer = TransientError("not of the agreed form", usage=Usage(input=900, output=50))
    job.run_next()
    (run,) = runs()
    assert (run.input_tokens, run.output_tokens) == (900, 50)


def test_an_unforeseen_error_is_tried_again_and_tells_no_transcript_text(transcript, extractor):
    extractor.answer = KeyError("We go with steel")
    assert job.run_next() is not None
    row = fresh(transcript)
    assert row.status == "pending"
    assert "KeyError" in row.last_error
    assert "steel" not in row.last_error


def test_a_crash_while_storing_stores_nothing_and_is_tried_again(
    transcript, extractor, monkeypatch
):
    def crash(decision):
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr("decisionlog.jobs.store.search.index", crash)
        assert job.run_next() is not None
    assert fresh(transcript).status == "pending"
    assert decisions() == []
    with time_machine.travel(clock.now() + timedelta(seconds=16)):
        job.run_next()
    assert fresh(transcript).status == "processed"
    assert len(decisions()) == 2


def test_a_database_error_brings_no_transcript_text_into_the_log(
    transcript, extractor, monkeypatch, caplog
):
    monkeypatch.setattr("decisionlog.jobs.store._retire_untouched", _add_a_row_that_points_nowhere)
    job.run_next()
    assert "IntegrityError" in caplog.text
    assert "the frame will be steel" not in caplog.text.lower()


def _add_a_row_that_points_nowhere(transcript_id):
    db.session.add(
        Decision(
            project_id=uuid.uuid4(),
            decision_statement="The frame will be steel.",
            who="Rui",
            discipline="general",
            source="manual",
            meeting_date=clock.now().date(),
        )
    )
    db.session.flush()


def test_a_worker_that_dies_between_store_and_commit_leaves_no_trace(
    transcript, extractor, monkeypatch
):
    class Killed(BaseException):
        pass

    def die_once_decisions_are_written():
        if db.session.scalar(select(Decision.id)) is not None:
            raise Killed
        commit()

    commit = db.session.commit
    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", die_once_decisions_are_written)
        with pytest.raises(Killed):
            job.run_next()
    db.session.rollback()
    assert decisions() == []
    assert runs() == []
    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        job.run_next()
    assert (fresh(transcript).status, len(decisions())) == ("processed", 2)


def test_a_zombie_whose_transcript_was_taken_over_stores_nothing(app, transcript, extractor):
    good = extractor.answer

    def slow(turns):
        """While this worker sleeps past its lease, another one does the work."""
        extractor.answer = good
        with app.app_context(), time_machine.travel(clock.now() + timedelta(seconds=301)):
            job.run_next()
        return good

    extractor.answer = slow
    assert job.run_next() is None
    assert (fresh(transcript).status, fresh(transcript).attempts) == ("processed", 2)
    assert len(decisions()) == 2
    assert [run.attempt for run in runs()] == [2]


def test_an_unreadable_transcript_fails_with_the_reason(project, extractor):
    transcript = factories.transcript(project, content="   ")
    job.run_next()
    row = fresh(transcript)
    assert row.status == "failed"
    assert "can't be read" in row.last_error


def test_participants_may_lack_what_they_like(project, extractor):
    transcript = factories.transcript(
        project, participants=[{"name": "Ana"}, {"name": "Rui", "email": None, "role": "engineer"}]
    )
    extractor.answer = ()
    job.run_next()
    assert fresh(transcript).status == "processed"
