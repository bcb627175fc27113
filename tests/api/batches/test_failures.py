"""What becomes of a transcript when something of its batch fails."""

from datetime import timedelta

import pytest

from decisionlog import clock
from tests.api.batches.meetings import NOTHING_WAITED_FOR, found, moment, price, waited_for
from tests.speech import STEEL
from tests.unit.extraction.batches_api import CANCELED, EXPIRED, errored, succeeded


@pytest.mark.parametrize(
    "result", [EXPIRED, CANCELED, errored("api_error"), succeeded("Here they are:")]
)
def test_what_passes_is_sent_anew_as_the_next_attempt(meeting, claude, work, result):
    claude.answers.append(result)
    one = meeting()
    work()
    failed = one.goes_on()
    assert (failed["status"], failed["attempts"]) == ("pending", 1)
    assert waited_for(failed) == NOTHING_WAITED_FOR
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
    assert waited_for(failed) == NOTHING_WAITED_FOR
    assert failed["runs"][0]["cost_usd"] == pytest.approx(paid)
    one.reprocess()
    one.goes_on()
    assert one.goes_on()["status"] == "processed"
    assert claude.calls.count("create") == 2


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
    assert moment(looked["next_attempt_at"]) >= before + timedelta(seconds=900)


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
    assert waited_for(gone) == NOTHING_WAITED_FOR
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
    assert waited_for(given_up) == NOTHING_WAITED_FOR


@pytest.mark.parametrize("status", [429, 503])
def test_a_batch_that_is_not_taken_is_tried_again_later(meeting, claude, work, status):
    claude.breaks("create", status)
    one = meeting()
    work()
    refused = one.now
    assert (refused["status"], refused["attempts"]) == ("pending", 1)
    assert waited_for(refused) == NOTHING_WAITED_FOR
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
