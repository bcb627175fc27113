import pytest

from decisionlog.extraction.offline_features import content_words, features
from tests.unit.extraction.builders import transcript


def features_of(*lines):
    return features(transcript(*lines).turns)


def test_a_turn_knows_its_own_cues_and_those_of_the_three_before_it():
    turns = features_of(
        ("Ann", "Shall we use brick?"), ("Bo", "Hm."), ("Bo", "Well."), ("Cy", "Fine."), ("Cy", "x")
    )
    assert turns[0]["own:question"] == 1.0
    assert [turn.get("before:question", 0.0) for turn in turns] == [0.0, 1.0, 1.0, 1.0, 0.0]


def test_what_follows_a_decision_gains_nothing_from_it():
    _, after = features_of(("Ann", "We've decided, no brick."), ("Bo", "That helps my budget."))
    assert "before:decided" not in after


def test_the_chair_is_who_says_most_at_the_opening():
    opening = ("Ann", "Welcome to the meeting about the boat house and its old deck.")
    turns = features_of(opening, *[("Bo", "I have so many more things to say of it.")] * 30)
    assert [turn["chair"] for turn in turns] == [1.0] + [0.0] * 30
    assert turns[0]["share"] < turns[1]["share"]


def test_stages_follow_the_words_and_not_the_turns():
    turns = features_of(("Ann", "ja " * 89), *[("Bo", "ja")] * 11)
    assert turns[0]["stage:0"] == 1.0
    assert turns[1]["stage:5"] == 1.0
    assert turns[-1]["stage:6"] == 1.0


def test_one_voice_is_a_presentation():
    talk = features_of(*[("Ann", "This is the next slide of mine.")] * 6)
    debate = features_of(*[(who, "I see it otherwise, sorry.") for who in ("Ann", "Bo") * 3])
    assert talk[3]["voices"] == 0.0
    assert debate[3]["voices"] == pytest.approx(0.693, abs=0.001)


def test_words_of_the_moment_burst():
    here, *_, there = features_of(
        ("Ann", "the larch deck"), ("Bo", "larch deck"), *[("Bo", "hm")] * 20, ("Cy", "winch cable")
    )
    assert here["burst"] > there["burst"] == 0.0


def test_content_words_leave_out_what_every_sentence_has():
    assert content_words("So we're going with the larch deck") == ["larch", "deck"]
    assert content_words("Então vamos com a madeira de larício") == ["madeira", "larício"]


def test_a_meeting_without_turns_has_no_features():
    assert features([]) == []
