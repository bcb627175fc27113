"""Flags and precedent: from plain values, without a database."""

from dataclasses import replace

import pytest

from decisionlog.extraction.drafts import Draft, Evidence, GroundedDecision, Impact, Quote
from decisionlog.extraction.enrichment import Precedent, enrich
from decisionlog.vocabulary import Discipline, ImpactType, Position
from tests.unit.extraction.builders import transcript

QUOTE = "We go with steel for the frame of the hall."
PEOPLE = (Discipline.ARCHITECTURE, Discipline.STRUCTURAL, Discipline.MEP, Discipline.INTERIOR)


def found(quote=QUOTE, **fields):
    (turn,) = transcript(("Rui", quote)).turns
    evidence = Evidence(quote, turn, turn.char_start, turn.char_end)
    draft = Draft("The frame will be steel.", (Quote(quote, 0),), why="It is lighter.")
    return GroundedDecision(replace(draft, **fields), (evidence,), 0.5, {})


def flags(decision):
    return {flag.type: flag.severity for flag in enrich(decision, ()).flags}


def positions(agree, disagree, abstain=0):
    taken = ["AGREE"] * agree + ["DISAGREE"] * disagree + ["ABSTAIN"] * abstain
    return dict(zip(PEOPLE, map(Position, taken), strict=False))


def test_an_ordinary_decision_has_no_flag():
    assert flags(found(consensus=positions(3, 0))) == {}


@pytest.mark.parametrize(
    ("consensus", "severity"),
    [
        (positions(2, 1), "medium"),
        (positions(1, 1), "high"),
        (positions(0, 1, 3), "high"),
        (positions(3, 1), None),
        (positions(0, 0, 4), None),
        ({}, None),
    ],
)
def test_dissent_is_flagged_from_a_third_of_those_who_took_a_position(consensus, severity):
    assert flags(found(consensus=consensus)).get("high_dissent") == severity


def test_a_decision_that_touches_three_kinds_of_things_is_a_cascade():
    impacts = tuple(Impact(kind, "more") for kind in (ImpactType.BUDGET, ImpactType.RISK))
    assert "broad_cascade" not in flags(found(impacts=impacts))
    assert "broad_cascade" not in flags(found(impacts=impacts * 2))
    third = Impact(ImpactType.TIMELINE, "later")
    assert flags(found(impacts=(*impacts, third)))["broad_cascade"] == "medium"


def test_few_words_without_a_reason_lack_context():
    assert flags(found("Yes, steel.", why=""))["insufficient_context"] == "low"
    assert flags(found("Yes, steel.")) == {}
    assert flags(found(why="")) == {}


def test_an_approved_precedent_raises_confidence_as_far_as_it_is_alike():
    near = Precedent("Steel frames everywhere.", approved=True, similarity=0.9)
    far = Precedent("Steel doors.", approved=True, similarity=0.2)
    enriched = enrich(found(), [far, near])
    assert enriched.confidence_breakdown["precedent"] == 0.9
    assert enriched.confidence > enrich(found(), [far]).confidence
    assert enriched.draft == found().draft


def test_a_proposal_is_no_precedent():
    proposed = Precedent("Steel frames everywhere.", approved=False, similarity=1.0)
    assert enrich(found(), [proposed]) == enrich(found(), [])
    assert enrich(found(), []).confidence_breakdown["precedent"] == 0.5
