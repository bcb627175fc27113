"""What is still to be asked, whatever has been answered by now."""

import re
from dataclasses import replace

import pytest

from decisionlog.extraction.batching import name, progress
from decisionlog.extraction.chunking import split
from decisionlog.extraction.drafts import Answer, PermanentError, TransientError, Usage
from decisionlog.extraction.pipeline import assemble, extract_decisions
from tests.unit.extraction.builders import MEETING, Scripted, draft, transcript

MEETING_TEXT = transcript(*((f"Ann {n}", f"Point number {n} is settled.") for n in range(40)))
TURNS = MEETING_TEXT.turns
BUDGET = 200


def answer(turns, **fields):
    return Answer((draft(turns[0].text, turns[0].index, turns[0].text),), Usage(10, 2), **fields)


def ask_until_told(decide, input_tokens=BUDGET):
    """Every batch's parts, and how far the last left the extraction."""
    results, sent = {}, []
    while (reached := progress(TURNS, input_tokens, results)).missing:
        sent.append(reached.missing)
        results |= {part: decide(turns) for part, turns in reached.missing.items()}
    return sent, reached


def test_at_first_all_parts_are_to_be_asked_each_once():
    reached = progress(TURNS, BUDGET, {})
    assert list(reached.missing.values()) == [p.turns for p in split(TURNS, BUDGET)]
    assert (reached.told, reached.usage) == ((), Usage())


def test_names_are_what_the_api_takes_and_tell_parts_apart():
    endless = replace(TURNS[0], text="word " * 500, char_end=TURNS[0].char_start + 2500)
    parts = split((endless, *TURNS[1:]), BUDGET)
    names = [name(part) for part in parts]
    assert len(set(names)) == len(parts) > 5
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", part) for part in names)


def test_batches_find_what_direct_calls_find():
    def decide(turns):
        return answer(turns, truncated=len(turns) > 2)

    sent, reached = ask_until_told(decide)
    direct = extract_decisions(MEETING_TEXT, MEETING, Scripted(decide, BUDGET))
    batched = assemble(
        MEETING_TEXT,
        reached.told,
        usage=reached.usage,
        cost=None,
        extractor="scripted",
        model=None,
        prompt_version=None,
    )
    assert len(sent) > 2
    assert batched == direct


def test_a_part_whose_answer_was_cut_is_asked_again_as_two_and_the_others_are_not():
    parts = split(TURNS, BUDGET)
    results = {name(part): answer(part.turns) for part in parts}
    results[name(parts[1])] = Answer((), Usage(10, 20), truncated=True)
    reached = progress(TURNS, BUDGET, results)
    first, second = reached.missing.values()
    assert first + second == parts[1].turns
    assert len(reached.told) == len(parts) - 1
    assert reached.usage == Usage(10 * len(parts), 2 * len(parts) + 18)


def test_a_single_turn_that_stays_cut_is_told_as_it_is():
    _, reached = ask_until_told(lambda turns: Answer((), truncated=True))
    assert {len(part.turns) for part, _ in reached.told} == {1}
    assert all(told.truncated for _, told in reached.told)


@pytest.mark.parametrize("input_tokens", [BUDGET // 2, BUDGET * 2, None])
def test_where_a_release_cuts_meetings_otherwise_nothing_is_left_out(input_tokens):
    results = {name(part): answer(part.turns) for part in split(TURNS, BUDGET)}
    reached = progress(TURNS, input_tokens, results)
    heard = {turn for part, _ in reached.told for turn in part.turns}
    asked = {turn for turns in reached.missing.values() for turn in turns}
    assert heard | asked == set(TURNS)


def test_an_error_that_stays_comes_before_one_that_passes_and_has_the_usage_of_all():
    results = {
        "1-2": TransientError("busy"),
        "3-4": answer(TURNS),
        "5-6": PermanentError("refused", Usage(5, 5)),
    }
    with pytest.raises(PermanentError) as caught:
        progress(TURNS, BUDGET, results)
    assert caught.value.usage == Usage(15, 7)
    del results["5-6"]
    with pytest.raises(TransientError, match="busy") as caught:
        progress(TURNS, BUDGET, results)
    assert caught.value.usage == Usage(10, 2)
