"""What people and settings change while a batch is outstanding."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.extraction.claude import ClaudeExtractor
from decisionlog.models import Transcript
from tests import factories
from tests.api.batches.meetings import MODEL, NOTHING_WAITED_FOR, moment, price, waited_for
from tests.unit.extraction.batches_api import succeeded


def test_reprocess_looks_at_once_at_the_batch_that_is_outstanding(meeting, claude, work):
    one = meeting()
    work()
    assert one.reprocess().status_code == 202
    done = one.goes_on(seconds=0)
    assert (done["status"], done["attempts"], len(done["runs"])) == ("processed", 1, 1)
    assert claude.calls.count("create") == 1


def test_reprocessing_a_processed_meeting_sends_a_batch_and_doubles_nothing(meeting, claude, work):
    one = meeting()
    work()
    one.goes_on()
    one.reprocess()
    assert one.goes_on()["batch_ids"] == ["msgbatch_002"]
    assert len(one.decisions) == 2
    assert one.goes_on()["status"] == "processed"
    assert len(one.decisions) == 2


def test_direct_again_cancels_what_is_outstanding_and_asks_directly(app, meeting, claude, work):
    claude.holds = True
    one = meeting()
    work()
    app.config["EXTRACTION_MODE"] = "direct"
    assert one.goes_on()["batch_ids"] == ["msgbatch_001"]
    assert "cancel msgbatch_001" in claude.calls
    claude.end()
    assert one.goes_on()["attempts"] == 1
    done = one.goes_on()
    assert (done["status"], done["attempts"]) == ("processed", 2)
    assert [run["batch_ids"] for run in done["runs"]] == [["msgbatch_001"], None]
    assert done["runs"][-1]["cost_usd"] == pytest.approx(price(directly=1))
    assert len(one.decisions) == 2


def test_direct_again_takes_the_answers_that_are_there(app, meeting, claude, work):
    one = meeting()
    work()
    app.config["EXTRACTION_MODE"] = "direct"
    done = one.goes_on()
    assert (done["status"], done["runs"][0]["batch_ids"]) == ("processed", ["msgbatch_001"])
    assert claude.requests == []


def test_direct_again_sends_no_second_batch_after_a_cut_answer(app, meeting, claude, work):
    claude.answers.append(succeeded("", "max_tokens"))
    one = meeting()
    work()
    app.config["EXTRACTION_MODE"] = "direct"
    cut = one.goes_on()
    assert (cut["status"], cut["attempts"]) == ("pending", 1)
    assert cut["runs"][0]["cost_usd"] == pytest.approx(price(in_batches=1))
    done = one.goes_on()
    assert (done["status"], done["runs"][-1]["batch_ids"]) == ("processed", None)
    assert claude.calls.count("create") == 1


def test_a_run_tells_what_was_sent_whatever_is_set_by_now(app, monkeypatch, meeting, claude, work):
    one = meeting()
    work()
    monkeypatch.setattr(ClaudeExtractor, "prompt_version", "decisions.v9")
    app.config["EXTRACTION_MODEL"] = "claude-opus-5-5"
    (run,) = one.goes_on()["runs"]
    assert (run["model"], run["prompt_version"]) == (MODEL, "decisions.v3")
    assert run["cost_usd"] == pytest.approx(price(in_batches=1))


def test_a_cut_answer_to_another_prompt_is_asked_anew_as_a_whole(
    app, monkeypatch, meeting, claude, work
):
    claude.answers.append(succeeded("", "max_tokens"))
    one = meeting()
    work()
    monkeypatch.setattr(ClaudeExtractor, "prompt_version", "decisions.v9")
    cut = one.goes_on()
    assert (cut["attempts"], cut["runs"][0]["prompt_version"]) == (1, "decisions.v3")
    one.goes_on()
    done = one.goes_on()
    assert (done["status"], done["runs"][-1]["prompt_version"]) == ("processed", "decisions.v9")
    assert done["runs"][-1]["batch_ids"] == ["msgbatch_002"]


def test_an_archived_projects_outstanding_meeting_still_ends(
    meeting, claude, work, as_director, project
):
    one = meeting()
    work()
    assert as_director.delete(f"/projects/{project.id}").status_code in (200, 204)
    one.goes_on(seconds=60)
    assert db.session.get(Transcript, uuid.UUID(one.id)).status == "processed"


def test_without_a_key_the_setting_has_no_effect(app, meeting, claude, work):
    app.config["ANTHROPIC_API_KEY"] = ""
    one = meeting()
    work()
    done = one.now
    assert (done["status"], done["runs"][0]["extractor"]) == ("processed", "offline")
    assert claude.calls == []


def test_a_key_that_is_taken_away_leaves_the_outstanding_to_the_offline_extractor(
    app, meeting, claude, work
):
    one = meeting()
    work()
    app.config["ANTHROPIC_API_KEY"] = ""
    done = one.goes_on()
    assert (done["status"], done["runs"][0]["extractor"]) == ("processed", "offline")
    assert waited_for(done) == NOTHING_WAITED_FOR


def test_batches_under_way_count_against_the_budget_with_the_most_they_may_cost(
    app, meeting, claude, work
):
    claude.holds = True
    app.config["EXTRACTION_BUDGET_USD"] = Decimal("0.15")
    first, second, third = meeting(), meeting(), meeting()
    work()
    assert [one.now["batch_ids"] is not None for one in (first, second)] == [True, True]
    waiting = third.now
    assert (waiting["status"], waiting["attempts"], waiting["batch_ids"]) == ("pending", 0, None)
    assert "batches under way" in waiting["last_error"]
    assert moment(waiting["next_attempt_at"]) < clock.now() + timedelta(minutes=10)
    claude.holds = False
    assert [one.goes_on()["status"] for one in (first, second)] == ["processed"] * 2
    assert third.goes_on()["batch_ids"] == ["msgbatch_003"]
    assert third.goes_on()["status"] == "processed"


def test_a_spent_budget_keeps_nobody_from_reading_what_is_paid_for(app, meeting, claude, work):
    claude.answers.append(succeeded("", "max_tokens"))
    one = meeting()
    work()
    run = factories.run(factories.transcript(factories.project(), status="processed"))
    run.cost_usd = Decimal(5)
    db.session.commit()
    app.config["EXTRACTION_BUDGET_USD"] = Decimal(5)
    one.goes_on()
    assert one.goes_on()["status"] == "processed"
    late = meeting()
    work()
    assert "is spent" in late.now["last_error"]
    assert late.now["batch_ids"] is None
