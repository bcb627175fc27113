"""Message Batches under the real SDK."""

import json

import pytest

from decisionlog.extraction.claude import ClaudeExtractor
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import (
    Answer,
    Batcher,
    BatchGone,
    PermanentError,
    TransientError,
    Usage,
)
from decisionlog.extraction.offline import OfflineExtractor
from tests.unit.extraction.batches_api import CANCELED, EXPIRED, BatchesApi, errored, succeeded
from tests.unit.extraction.builders import MEETING, transcript
from tests.unit.extraction.messages_api import decision

SECRET = "the client's fortune"
TURNS = transcript(("Ann", f"We go with steel, whatever {SECRET}."), ("Bo", "Yes.")).turns
PARTS = {"0-60": TURNS[:1], "61-90": TURNS[1:]}
STEEL = json.dumps({"decisions": [decision("We go with steel", 0)]})
LINE = {"custom_id": "0-60", "result": {"type": "succeeded"}}


@pytest.fixture
def api():
    server = BatchesApi()
    yield server
    server.close()


def test_only_claude_works_in_batches(claude):
    assert isinstance(claude, Batcher)
    assert not isinstance(OfflineExtractor(), Batcher)


def test_a_batch_asks_about_every_part_what_a_call_would_ask(api, claude):
    claude.extract(TURNS[:1], MEETING)
    batch_id = claude.send(PARTS, MEETING)
    sent = {request["custom_id"]: request["params"] for request in api.batches[batch_id]}
    assert set(sent) == set(PARTS)
    (direct,) = api.requests
    assert {**sent["0-60"], "messages": None} == {**direct, "messages": None}
    assert "0 Ann: We go with steel" in sent["0-60"]["messages"][0]["content"]
    assert sent["0-60"]["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_a_batch_under_way_has_no_answers(api, claude):
    api.holds = True
    batch_id = claude.send(PARTS, MEETING)
    assert claude.collect(batch_id) is None
    claude.cancel(batch_id)
    assert claude.collect(batch_id) is None


def test_every_answer_goes_by_its_name_whatever_the_order(api, claude):
    api.answers += [succeeded(STEEL), succeeded('{"decisions": []}')]
    results = claude.collect(claude.send(PARTS, MEETING))
    assert [len(results[part].drafts) for part in PARTS] == [1, 0]
    assert results["0-60"].usage == Usage(input=1000, output=100, cache_read=2000)


@pytest.mark.parametrize(
    ("result", "kind", "words"),
    [
        (EXPIRED, TransientError, "24 hours"),
        (CANCELED, TransientError, "cancelled"),
        (errored("api_error"), TransientError, "api_error"),
        (errored("overloaded_error"), TransientError, "overloaded_error"),
        (errored("rate_limit_error"), TransientError, "rate_limit_error"),
        (errored("some_new_error"), TransientError, "some_new_error"),
        (errored("invalid_request_error"), PermanentError, "EXTRACTION_MODEL"),
        (errored("authentication_error"), PermanentError, "ANTHROPIC_API_KEY"),
        (errored("billing_error"), PermanentError, "credit"),
        (errored("permission_error"), PermanentError, "workspace"),
        (errored("not_found_error"), PermanentError, "EXTRACTION_MODEL"),
        (errored("request_too_large"), PermanentError, "shorter"),
        (succeeded('{"decisions": []}', "refusal"), PermanentError, "refused"),
        (succeeded("Here they are:"), TransientError, "agreed form"),
        ({"type": "succeeded", "message": None}, TransientError, "no answer"),
        ({"type": "postponed"}, TransientError, "no answer"),
    ],
)
def test_what_is_no_answer_is_an_error_of_its_part_alone(api, claude, result, kind, words):
    api.answers += [result, succeeded(STEEL)]
    failed, answered = (claude.collect(claude.send(PARTS, MEETING))[part] for part in PARTS)
    assert type(failed) is kind
    assert words in str(failed)
    assert SECRET not in str(failed)
    assert isinstance(answered, Answer)


def test_an_answer_that_was_cut_says_so(api, claude):
    api.answers.append(succeeded('{"decisions": []}', "max_tokens"))
    results = claude.collect(claude.send({"0-60": TURNS}, MEETING))
    assert results["0-60"].truncated
    assert results["0-60"].usage.output == 100


def test_a_refused_answer_keeps_what_it_took(api, claude):
    api.answers.append(succeeded("no", "refusal"))
    results = claude.collect(claude.send({"0-60": TURNS}, MEETING))
    assert results["0-60"].usage.output == 100


def test_a_file_that_breaks_off_is_no_answer(api, claude):
    batch_id = claude.send(PARTS, MEETING)
    whole = {"custom_id": "0-60", "result": succeeded(STEEL)}
    for body in (
        json.dumps(whole).encode(),
        (json.dumps(whole) + '\n{"custom_id": "61').encode(),
        b"",
        b"<html>busy</html>",
        b'{"custom_id": "0-60"}\n{"custom_id": "61-90"}',
        json.dumps(LINE).encode() + b"\n" + json.dumps({"result": None}).encode(),
    ):
        api.faults["results"].append((200, {}, body))
        with pytest.raises(TransientError):
            claude.collect(batch_id)
    assert len(claude.collect(batch_id)) == 2


def test_a_connection_that_breaks_in_the_middle_of_the_file_is_worth_another_look(api, claude):
    batch_id = claude.send(PARTS, MEETING)
    api.faults["results"].append((200, {"transfer-encoding": "chunked"}, b"not a chunk\r\n"))
    with pytest.raises(TransientError):
        claude.collect(batch_id)


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"{not json", b"{}", b"[]", b"null", b""])
@pytest.mark.parametrize("call", ["create", "retrieve"])
def test_a_body_that_is_no_batch_is_worth_another_try(api, claude, call, body):
    batch_id = claude.send(PARTS, MEETING)
    api.faults[call].append((200, {}, body))
    with pytest.raises(TransientError):
        claude.send(PARTS, MEETING) if call == "create" else claude.collect(batch_id)


def test_a_batch_that_nobody_knows_is_gone(api, claude):
    with pytest.raises(BatchGone, match="workspace"):
        claude.collect("msgbatch_of_somebody_else")


def test_a_batch_whose_answers_are_kept_no_longer_is_gone(api, claude):
    batch_id = claude.send(PARTS, MEETING)
    archived = json.dumps({"id": batch_id, "processing_status": "ended", "results_url": None})
    api.faults["retrieve"].append((200, {}, archived.encode()))
    with pytest.raises(BatchGone, match="keeps"):
        claude.collect(batch_id)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, TransientError), (529, TransientError), (401, PermanentError)]
)
@pytest.mark.parametrize("call", ["retrieve", "results"])
def test_a_look_that_fails_is_told_from_an_answer_that_does(api, claude, call, status, kind):
    batch_id = claude.send(PARTS, MEETING)
    api.breaks(call, status, retry_after="17")
    with pytest.raises(kind, match=str(status)) as caught:
        claude.collect(batch_id)
    assert not isinstance(caught.value, BatchGone)
    assert getattr(caught.value, "retry_after", 17.0) == 17.0


def test_the_sdk_makes_no_second_batch_by_itself(api):
    claude = ClaudeExtractor("sk-test", base_url=api.url, timeout=0.3, max_retries=2)
    api.swallows = True
    with pytest.raises(TransientError, match="in time"):
        claude.send(PARTS, MEETING)
    assert api.calls == ["create"]


def test_a_cancellation_that_comes_too_late_does_no_harm(api, claude):
    batch_id = claude.send(PARTS, MEETING)
    claude.collect(batch_id)
    claude.cancel(batch_id)
    claude.cancel("msgbatch_of_somebody_else")
    assert len(claude.collect(batch_id)) == 2


def test_what_an_answer_takes_at_most_is_more_than_what_one_took(claude):
    most = claude.at_most(TURNS)
    assert most.input + most.cache_write > len(" ".join(turn.text for turn in TURNS)) / 4
    assert most.output == 20_000
    assert cost_usd(most, claude.model, batch=True) < cost_usd(most, claude.model)
