"""EXTRACTION_MODE=batch, from the webhook to the decisions, with the real SDK."""

import json
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.extraction.claude import ClaudeExtractor
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import Usage
from decisionlog.jobs import budget
from decisionlog.jobs.worker import sweep
from decisionlog.models import Transcript
from tests import factories
from tests.unit.extraction.batches_api import CANCELED, EXPIRED, errored, succeeded
from tests.unit.extraction.messages_api import decision

SPEECH = (
    "[00:00:05] Ana: Good morning.\n"
    "[00:00:09] Rui: The frame of the hall will be steel.\n"
    "[00:00:15] Ana: And the stairs will be oak.\n"
)
STEEL = decision("The frame of the hall will be steel.", 1, "The frame will be steel.")
OAK = decision("the stairs will be oak", 2, "The stairs will be oak.")
MODEL = "claude-sonnet-5-5"
ONE_ANSWER = Usage(input=1000, output=100, cache_read=2000)
NOTHING_WAITED_FOR = (None, None)


def found(*decisions) -> str:
    return json.dumps({"decisions": decisions})


def price(*, in_batches=0, directly=0) -> float:
    half, full = (cost_usd(ONE_ANSWER, MODEL, batch=batch) for batch in (True, False))
    return float(in_batches * half + directly * full)


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
                due = _moment(self.now["next_attempt_at"])
                seconds = max(0, (due - clock.now()).total_seconds() + 1)
            time.shift(seconds)
            work()
            return self.now

    return Meeting


def _moment(text):
    return datetime.fromisoformat(text)


def _waited_for(transcript):
    return transcript["batch_sent_at"], transcript["batch_ids"]


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
    assert _waited_for(done) == NOTHING_WAITED_FOR
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
        pauses.append((_moment(looked["next_attempt_at"]) - clock.now()).total_seconds())
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


@pytest.mark.parametrize(
    "result", [EXPIRED, CANCELED, errored("api_error"), succeeded("Here they are:")]
)
def test_what_passes_is_sent_anew_as_the_next_attempt(meeting, claude, work, result):
    claude.answers.append(result)
    one = meeting()
    work()
    failed = one.goes_on()
    assert (failed["status"], failed["attempts"]) == ("pending", 1)
    assert _waited_for(failed) == NOTHING_WAITED_FOR
    assert failed["last_error"]
    assert one.goes_on()["batch_ids"] == ["msgbatch_002"]
    done = one.goes_on()
    assert (done["status"], done["attempts"], done["last_error"]) == ("processed", 2, None)
    assert [run["status"] for run in done["runs"]] == ["failed", "complete"]
    assert [run["batch_ids"] for run in done["runs"]] == [["msgbatch_001"], ["msgbatch_002"]]
    assert len(one.decisions) == 2


def test_a_batch_that_expires_at_every_attempt_ends_as_failed(app, meeting, claude, work):
    app.config["EXTRACTION_MAX_ATTEMPTS"] = 2
    claude.answers += [EXPIRED, EXPIRED]
    one = meeting()
    work()
    for _ in range(3):
        ended = one.goes_on()
    assert (ended["status"], ended["attempts"]) == ("failed", 2)
    assert "24 hours" in ended["last_error"]


@pytest.mark.parametrize(
    ("result", "words", "paid"),
    [
        (errored("invalid_request_error"), "EXTRACTION_MODEL", 0),
        (succeeded(found(STEEL), "refusal"), "refused", price(in_batches=1)),
    ],
)
def test_what_stays_fails_at_once_with_its_reason(meeting, claude, work, result, words, paid):
    claude.answers.append(result)
    one = meeting()
    work()
    failed = one.goes_on()
    assert (failed["status"], failed["attempts"], one.decisions) == ("failed", 1, [])
    assert words in failed["last_error"]
    assert _waited_for(failed) == NOTHING_WAITED_FOR
    assert failed["runs"][0]["cost_usd"] == pytest.approx(paid)
    one.reprocess()
    one.goes_on()
    assert one.goes_on()["status"] == "processed"
    assert claude.calls.count("create") == 2


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


@pytest.mark.parametrize("call", ["retrieve", "results"])
def test_a_look_that_fails_is_no_attempt_and_says_why(meeting, claude, work, call):
    claude.breaks(call, 529)
    one = meeting()
    work()
    looked = one.goes_on()
    assert (looked["status"], looked["attempts"], looked["runs"]) == ("pending", 0, [])
    assert "529" in looked["last_error"]
    assert looked["batch_ids"] == ["msgbatch_001"]
    done = one.goes_on()
    assert (done["status"], done["attempts"], done["last_error"]) == ("processed", 1, None)


def test_a_look_waits_for_as_long_as_the_service_asks(meeting, claude, work):
    claude.breaks("retrieve", 429, retry_after="900")
    one = meeting()
    work()
    before = clock.now()
    looked = one.goes_on()
    assert _moment(looked["next_attempt_at"]) >= before + timedelta(seconds=900)


def test_a_wrong_key_fails_the_look_but_leaves_the_batch_to_be_looked_at(meeting, claude, work):
    claude.breaks("retrieve", 401)
    one = meeting()
    work()
    failed = one.goes_on()
    assert (failed["status"], failed["batch_ids"]) == ("failed", ["msgbatch_001"])
    assert "ANTHROPIC_API_KEY" in failed["last_error"]
    assert one.reprocess().status_code == 202
    assert one.goes_on()["status"] == "processed"
    assert claude.calls.count("create") == 1


def test_a_batch_that_nobody_knows_any_more_is_sent_anew(meeting, claude, work):
    one = meeting()
    work()
    claude.batches["msgbatch_000"] = claude.batches.pop("msgbatch_001")
    gone = one.goes_on()
    assert (gone["status"], gone["attempts"]) == ("pending", 1)
    assert _waited_for(gone) == NOTHING_WAITED_FOR
    assert "knows no such batch" in gone["last_error"]
    one.goes_on()
    assert one.goes_on()["status"] == "processed"


def test_a_batch_that_never_ends_is_given_up_after_three_days(meeting, claude, work):
    claude.holds = True
    one = meeting()
    work()
    assert one.goes_on(seconds=71 * 3600)["attempts"] == 0
    given_up = one.goes_on(seconds=2 * 3600)
    assert (given_up["status"], given_up["attempts"]) == ("pending", 1)
    assert _waited_for(given_up) == NOTHING_WAITED_FOR


@pytest.mark.parametrize("status", [429, 503])
def test_a_batch_that_is_not_taken_is_tried_again_later(meeting, claude, work, status):
    claude.breaks("create", status)
    one = meeting()
    work()
    refused = one.now
    assert (refused["status"], refused["attempts"]) == ("pending", 1)
    assert _waited_for(refused) == NOTHING_WAITED_FOR
    assert refused["runs"][0]["batch_ids"] is None
    one.goes_on()
    done = one.goes_on()
    assert (done["status"], done["attempts"]) == ("processed", 2)


def test_a_batch_that_is_refused_fails_at_once(meeting, claude, work):
    claude.breaks("create", 400)
    one = meeting()
    work()
    assert (one.now["status"], one.now["attempts"]) == ("failed", 1)


def test_a_second_batch_that_is_not_taken_loses_nothing_of_the_first(meeting, claude, work):
    claude.answers.append(succeeded("", "max_tokens"))
    one = meeting()
    work()
    claude.breaks("create", 529)
    assert one.goes_on()["batch_ids"] == ["msgbatch_001"]
    assert one.goes_on()["batch_ids"] == ["msgbatch_001", "msgbatch_002"]
    done = one.goes_on()
    assert (done["status"], done["attempts"]) == ("processed", 2)
    assert done["runs"][-1]["cost_usd"] == pytest.approx(price(in_batches=3))


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
    assert _waited_for(done) == NOTHING_WAITED_FOR


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
    assert _moment(waiting["next_attempt_at"]) < clock.now() + timedelta(minutes=10)
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
