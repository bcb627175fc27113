import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlog.extraction import offline_wording as wording
from decisionlog.vocabulary import Discipline


@pytest.mark.parametrize(
    ("said", "tongue", "statement"),
    [
        ("Um okay, so we we use uh steel beams", "en", "We use steel beams."),
        ("Yeah, so the, um, the roof is is slate.", "en", "The roof is slate."),
        ("we're going to we're going to keep the stair", "en", "We're going to keep the stair."),
        ("it's room two two on the the plan", "en", "It's room two two on the plan."),
        ("Well, I think no basement!", "en", "No basement!"),
        ("Ok, portanto, hum, fica um pilar", "pt", "Fica um pilar."),
        ("Pronto, então então a escada sai", "pt", "A escada sai."),
        ("Okay.", "en", "Okay."),
    ],
)
def test_a_statement_is_the_sentence_without_fillers_stutters_and_opening_words(
    said, tongue, statement
):
    assert wording.plain(said, tongue) == statement


SAID = "okay so um we we use the, steel uh beams well então portanto um pilar hum fica. não!"


@given(st.lists(st.sampled_from(SAID.split())).map(" ".join), st.sampled_from(["en", "pt"]))
def test_a_statement_only_leaves_words_out(said, tongue):
    rest = iter(re.findall(r"\w+", said.lower()))
    assert all(word in rest for word in re.findall(r"\w+", wording.plain(said, tongue).lower()))


def test_sentences_end_at_stops_but_not_within_numbers():
    text = "It costs 12.50 euro. We'll take it! “Really?” Yes"
    assert wording.sentences(text) == ["It costs 12.50 euro.", "We'll take it!", "“Really?”", "Yes"]


@given(st.text())
def test_sentences_are_passages_of_their_text(text):
    assert all(sentence in text for sentence in wording.sentences(text))


@pytest.mark.parametrize(
    ("said", "tongue", "why"),
    [
        ("We take slate because the zinc is over budget. Fine.", "en", "The zinc is over budget."),
        ("No carpet, since it gets dirty.", "en", "It gets dirty."),
        ("Two phases, so that the school stays open", "en", "The school stays open."),
        ("Fica ardósia porque o zinco é caro.", "pt", "O zinco é caro."),
        ("Duas fases, para que a escola não feche", "pt", "A escola não feche."),
        ("Ground floor, because of the pushchairs", "en", "Because of the pushchairs."),
        ("Fica no piso térreo por causa dos carrinhos", "pt", "Por causa dos carrinhos."),
        ("We take slate.", "en", ""),
        ("It was a good cause for everybody.", "en", ""),
    ],
)
def test_a_reason_is_given_only_where_one_was_said(said, tongue, why):
    assert wording.reason([said], tongue) == why


@pytest.mark.parametrize(
    ("said", "discipline"),
    [
        ("the beams rest on pad footings", Discipline.STRUCTURAL),
        ("as vigas assentam nas sapatas", Discipline.STRUCTURAL),
        ("a heat pump on the roof instead of the boiler", Discipline.MEP),
        ("the sockets and the lighting", Discipline.ELECTRICAL),
        ("as tomadas e a iluminação", Discipline.ELECTRICAL),
        ("the drains and the rainwater pipes", Discipline.PLUMBING),
        ("two trees in the courtyard", Discipline.LANDSCAPE),
        ("carpets and curtains", Discipline.INTERIOR),
        ("slates on the roof", Discipline.ARCHITECTURE),
        ("we meet on Tuesday", Discipline.GENERAL),
    ],
)
def test_the_discipline_is_guessed_from_its_keywords(said, discipline):
    assert wording.discipline([said]) is discipline


def test_the_language_is_told_by_its_function_words():
    assert wording.language(["We take the brick, and that is it."]) == "en"
    assert wording.language(["Ficamos com o tijolo, e não é por mais nada."]) == "pt"
