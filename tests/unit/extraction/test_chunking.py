from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlog.extraction.chunking import Part, halve, split, turn_tokens
from tests.unit.extraction.builders import transcript

talk = st.lists(st.text("ab é世 ", max_size=400), min_size=1, max_size=30)


def meeting(texts):
    return transcript(*((f"P{i % 3}", " ".join(text.split())) for i, text in enumerate(texts)))


@given(texts=talk, budget=st.integers(30, 500))
def test_the_parts_hold_every_word_once_but_for_the_overlap(texts, budget):
    whole = meeting(texts)
    parts = split(whole.turns, budget)
    fresh = [piece for part in parts for piece in part.turns[part.overlap :]]
    assert "".join(p.text for p in fresh) == "".join(t.text for t in whole.turns)
    for before, after in pairwise(parts):
        assert after.turns[: after.overlap] == before.turns[len(before.turns) - after.overlap :]
    for part in parts:
        assert all(p.text == whole.text[p.char_start : p.char_end] for p in part.turns)


@given(texts=talk, budget=st.integers(30, 500))
def test_no_part_is_larger_than_the_budget(texts, budget):
    for part in split(meeting(texts).turns, budget):
        assert sum(map(turn_tokens, part.turns)) <= budget


def test_a_word_without_end_is_cut_too():
    parts = split(meeting(["é" * 100_000]).turns, 1_000)
    assert len(parts) > 50
    assert all(sum(map(turn_tokens, part.turns)) <= 1_000 for part in parts)


def test_a_meeting_within_the_budget_stays_in_one_part():
    turns = meeting(["some words"] * 20).turns
    assert split(turns, 10_000) == split(turns, None) == [Part(turns)]


def test_no_turns_make_no_parts():
    assert split((), None) == split((), 100) == []


def test_consecutive_parts_overlap_by_a_twentieth_of_the_budget():
    parts = split(meeting(["a few words"] * 500).turns, 1_000)
    for part in parts[1:]:
        shared = sum(map(turn_tokens, part.turns[: part.overlap]))
        assert 0 < shared <= 50


def test_a_turn_larger_than_the_budget_is_cut_between_words_and_keeps_its_place():
    (turn,) = meeting(["word " * 1_000]).turns
    parts = split((turn,), 200)
    pieces = [piece for part in parts for piece in part.turns]
    assert len(pieces) > 5
    assert {(p.index, p.speaker, p.start, p.end) for p in pieces} == {
        (turn.index, turn.speaker, turn.start, turn.end)
    }
    assert all(piece.text.split() == ["word"] * piece.text.count("word") for piece in pieces)


@pytest.mark.parametrize("count", [2, 3, 10, 31])
def test_halves_hold_all_turns_and_neither_is_empty(count):
    part = Part(meeting([f"words {i} " * i for i in range(count)]).turns)
    first, second = halve(part)
    assert first.turns + second.turns == part.turns
    assert first.turns
    assert second.turns


def test_halves_are_cut_by_size_not_by_count():
    part = Part(meeting(["x"] * 20 + ["word " * 300]).turns)
    assert len(halve(part)[1].turns) == 1


def test_the_overlap_goes_with_the_turns_that_overlap():
    part = Part(meeting(["same words"] * 10).turns, overlap=7)
    first, second = halve(part)
    assert (first.overlap, second.overlap) == (len(first.turns), 7 - len(first.turns))
