import datetime
import subprocess
import sys

import pytest

from decisionlog.extraction.claude import ClaudeExtractor
from decisionlog.extraction.drafts import Impact, PermanentError, Quote, TransientError, Usage
from decisionlog.vocabulary import Causation, Discipline, ImpactType, Position
from tests.unit.extraction.builders import MEETING, transcript
from tests.unit.extraction.messages_api import decision

SECRET = "the client's fortune"
TURNS = transcript(("Ann", f"We go with steel, whatever {SECRET}."), ("Bo", "Yes.")).turns


def test_a_good_answer_becomes_drafts_with_its_usage(api, claude):
    api.decides(
        decision(
            "We go with steel",
            0,
            "The frame is steel.",
            why="It is stiffer.",
            discipline="structural",
            causation="constraint",
            impacts=[{"type": "budget", "change": "more"}],
            consensus=[{"discipline": "structural", "position": "AGREE"}],
            review_on="2026-12-01",
        )
    )
    answer = claude.extract(TURNS, MEETING)
    (draft,) = answer.drafts
    assert draft.statement == "The frame is steel."
    assert draft.quotes == (Quote("We go with steel", 0),)
    assert draft.why == "It is stiffer."
    assert draft.discipline is Discipline.STRUCTURAL
    assert draft.causation is Causation.CONSTRAINT
    assert draft.impacts == (Impact(ImpactType.BUDGET, "more"),)
    assert draft.consensus == {Discipline.STRUCTURAL: Position.AGREE}
    assert draft.review_on == datetime.date(2026, 12, 1)
    assert answer.usage == Usage(input=1000, output=100, cache_read=2000)
    assert not answer.truncated


def test_the_request_goes_out_as_it_was_built(api, claude):
    claude.extract(TURNS, MEETING)
    (sent,) = api.requests
    assert sent["model"] == "claude-sonnet-5-5"
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert sent["output_config"]["format"]["type"] == "json_schema"
    assert "0 Ann: We go with steel" in sent["messages"][0]["content"]
    assert "tools" not in sent


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_cut_answer_is_truncated_and_never_parsed(api, claude, reason):
    api.says('{"decisions": []}', reason)
    answer = claude.extract(TURNS, MEETING)
    assert answer.truncated
    assert answer.drafts == ()
    assert answer.usage.output == 100


def test_a_refusal_is_permanent_even_when_it_looks_like_an_answer(api, claude):
    api.says('{"decisions": []}', "refusal")
    with pytest.raises(PermanentError, match="refused"):
        claude.extract(TURNS, MEETING)


@pytest.mark.parametrize(
    "text",
    [
        '{"decisions": [',
        "Here are the decisions:",
        "",
        "[]",
        '{"decisions": [{"statement": "x"}]}',
        '{"decisions": [], "note": "x"}',
    ],
)
def test_an_answer_of_another_form_is_worth_another_try_and_is_not_repeated(api, claude, text):
    api.says(text)
    with pytest.raises(TransientError) as caught:
        claude.extract(TURNS, MEETING)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>busy</html>", "text/html"),
        (b"{not json", "application/json"),
        (b"{}", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"", "application/json"),
    ],
)
def test_a_body_that_is_no_message_is_worth_another_try(api, claude, body, content_type):
    api.sends(body, content_type)
    with pytest.raises(TransientError):
        claude.extract(TURNS, MEETING)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_busy_service_is_worth_another_try(api, claude, status):
    api.fails(status)
    with pytest.raises(TransientError, match=str(status)) as caught:
        claude.extract(TURNS, MEETING)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("inf", None),
        ("Wed, 25 Nov 2026 10:00:00 GMT", None),
    ],
)
def test_the_wait_that_the_service_asks_for_is_passed_on(api, claude, header, seconds):
    api.fails(429, retry_after=header)
    with pytest.raises(TransientError) as caught:
        claude.extract(TURNS, MEETING)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "EXTRACTION_MODEL"),
        (401, "ANTHROPIC_API_KEY"),
        (402, "credit"),
        (403, "workspace"),
        (404, "EXTRACTION_MODEL"),
        (413, "shorter"),
        (418, "418"),
    ],
)
def test_a_request_that_can_not_succeed_is_permanent_and_says_what_to_do(
    api, claude, status, advice
):
    api.fails(status)
    with pytest.raises(PermanentError, match=advice) as caught:
        claude.extract(TURNS, MEETING)
    assert SECRET not in str(caught.value)


def test_the_sdk_tries_once_more_by_itself(api):
    api.fails(429, retry_after="0")
    api.decides(decision("We go with steel", 0))
    claude = ClaudeExtractor("sk-test", base_url=api.url, timeout=30.0)
    assert len(claude.extract(TURNS, MEETING).drafts) == 1
    assert len(api.requests) == 2


def test_a_hang_ends_with_the_time_limit(api):
    api.hangs()
    claude = ClaudeExtractor("sk-test", base_url=api.url, timeout=0.2, max_retries=0)
    with pytest.raises(TransientError, match="in time"):
        claude.extract(TURNS, MEETING)


def test_nobody_there_is_worth_another_try(api):
    url = api.url
    api.close()
    claude = ClaudeExtractor("sk-test", base_url=url, timeout=5.0, max_retries=0)
    with pytest.raises(TransientError, match="reached"):
        claude.extract(TURNS, MEETING)


def test_importing_the_extractor_does_not_import_the_sdk():
    program = (
        "import sys, decisionlog.extraction.claude, decisionlog.extraction.pipeline;"
        "sys.exit('anthropic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
