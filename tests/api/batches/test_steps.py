"""EXTRACTION_MODE=batch, from the webhook to the decisions, with the real SDK."""

import json
from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from decisionlog import clock
from decisionlog.jobs import budget
from tests import factories
from tests.api.batches.meetings import MODEL, NOTHING_WAITED_FOR, found, moment, price, waited_for
from tests.speech import OAK, STEEL
from tests.unit.extraction.batches_api import succeeded


def test_a_delivered_meeting_is_sent_as_a_batch_and_its_decisions_come_with_a_later_look(
    meeting, claude, work
):
    one = meeting()
    work()
    sent = one.now
    assert (sent["status"], sent["attempts"], sent["runs"]) == ("pending", 0, [])
    assert sent["batch_ids"] == ["msgbatch_001"]
    assert sent["batch_sent_at"] <= clock.iso(clock.now()) < sent["next_attempt_at"]
    assert one.decisions == []
    done = one.goes_on()
    assert (done["status"], done["attempts"], done["last_error"]) == ("processed", 1, None)
    assert waited_for(done) == NOTHING_WAITED_FOR
    assert one.decisions == ["The frame will be steel.", "The stairs will be oak."]
    assert claude.requests == []
    (run,) = done["runs"]
    assert (run["status"], run["extractor"], run["model"]) == ("complete", "claude", MODEL)
    assert (run["batch_ids"], run["parts"], run["attempt"]) == (["msgbatch_001"], 1, 1)
    assert run["started_at"] == sent["batch_sent_at"]


def test_a_batch_costs_half(meeting, work):
    one = meeting()
    work()
    (run,) = one.goes_on()["runs"]
    assert (run["input_tokens"], run["cache_read_tokens"]) == (1000, 2000)
    assert run["cost_usd"] == pytest.approx(price(in_batches=1))
    assert budget.spent_since(budget.month_of(clock.now())) == pytest.approx(
        Decimal(price(in_batches=1))
    )


def test_a_batch_under_way_is_looked_at_again_and_again_without_an_attempt(meeting, claude, work):
    claude.holds = True
    one = meeting()
    work()
    pauses = []
    for seconds in (None, None, 7200):
        looked = one.goes_on(seconds)
        assert (looked["status"], looked["attempts"], looked["runs"]) == ("pending", 0, [])
        pauses.append((moment(looked["next_attempt_at"]) - clock.now()).total_seconds())
    assert 6 < pauses[0] <= 15
    assert 290 < pauses[-1] <= 600
    claude.end()
    done = one.goes_on()
    assert (done["status"], done["attempts"], len(done["runs"])) == ("processed", 1, 1)
    assert claude.calls.count("create") == 1


def test_a_worker_that_waits_for_a_batch_does_other_work(meeting, claude, work):
    claude.holds = True
    first, second = meeting(), meeting()
    work()
    assert [one.now["batch_ids"] for one in (first, second)] == [["msgbatch_001"], ["msgbatch_002"]]
    claude.end("msgbatch_002")
    assert second.goes_on()["status"] == "processed"
    assert first.now["status"] == "pending"


def test_lists_figures_and_metrics_tell_what_waits_for_a_batch(
    meeting, claude, work, client, runner, as_director, project
):
    claude.holds = True
    one = meeting()
    work()
    one.goes_on(seconds=600)
    (row,) = as_director.get(f"/projects/{project.id}/transcripts").get_json()["transcripts"]
    assert row["batch_ids"] == ["msgbatch_001"]
    listed = runner.invoke(args=["transcripts", "list"], env={"COLUMNS": "200"}).output
    assert row["batch_sent_at"] in listed
    told = " ".join(runner.invoke(args=["transcripts", "stats"]).output.split())
    assert "1 wait for a batch, the first of them for 60" in told
    assert "0.1" in told.split("seconds;")[1]
    families = text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
    figures = {sample.name: sample.value for family in families for sample in family.samples}
    assert figures["decisionlog_transcripts_in_batches"] == 1
    assert 600 <= figures["decisionlog_batch_wait_seconds"] < 700
    assert figures["decisionlog_transcripts_overdue_seconds"] == 0
    claude.end()
    one.goes_on()
    assert "0 wait for a batch" in runner.invoke(args=["transcripts", "stats"]).output


def test_an_answer_cut_by_max_tokens_is_asked_again_in_halves_by_a_second_batch(
    meeting, claude, work
):
    claude.answers += [
        succeeded(found(STEEL)[:50], "max_tokens"),
        succeeded(found(STEEL)),
        succeeded(found(OAK)),
    ]
    one = meeting()
    work()
    halved = one.goes_on()
    assert (halved["status"], halved["attempts"]) == ("pending", 0)
    assert halved["batch_ids"] == ["msgbatch_001", "msgbatch_002"]
    assert len(claude.batches["msgbatch_002"]) == 2
    done = one.goes_on()
    assert (done["status"], done["attempts"]) == ("processed", 1)
    assert one.decisions == ["The frame will be steel.", "The stairs will be oak."]
    (run,) = done["runs"]
    assert (run["batch_ids"], run["parts"]) == (halved["batch_ids"], 2)
    assert run["cost_usd"] == pytest.approx(price(in_batches=3))


def test_a_long_meeting_is_one_batch_of_its_parts(app, monkeypatch, meeting, claude, work):
    monkeypatch.setattr("decisionlog.extraction.chunking.turn_tokens", lambda turn: 25_000)
    claude.answers += [succeeded(found(STEEL)), succeeded(found(OAK))]
    one = meeting()
    work()
    assert len(claude.batches["msgbatch_001"]) == 2
    done = one.goes_on()
    assert (done["status"], done["runs"][0]["parts"]) == ("processed", 2)
    assert one.decisions == ["The frame will be steel.", "The stairs will be oak."]


def test_earlier_decisions_are_compared_directly_at_the_full_price(meeting, claude, work, project):
    factories.decision(
        project, decision_statement="The frame will be timber.", transcript_id=None, source="manual"
    )
    claude.compares = lambda request: json.dumps(
        {"pairs": [{"pair": 0, "verdict": "reverses", "note": "Steel."}]}
    )
    one = meeting()
    work()
    (run,) = one.goes_on()["runs"]
    assert len(claude.requests) == 1
    assert run["prompt_version"] == "decisions.v3, consistency.v1"
    assert run["cost_usd"] == pytest.approx(price(in_batches=1, directly=1))
