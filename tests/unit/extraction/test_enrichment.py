"""Flags and precedent: from plain values, without a database."""

from dataclasses import replace

import pytest

from decisionlog.extraction.drafts import (
    Draft,
    Evidence,
    Finding,
    GroundedDecision,
    Impact,
    Quote,
    Verdict,
)
from decisionlog.extraction.enrichment import enrich
from decisionlog.vocabulary import Discipline, ImpactType, Position
from tests.unit.extraction.builders import precedent, transcript

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
    near = precedent("Steel frames everywhere.", approved=True, similarity=0.9)
    far = precedent("Steel doors.", approved=True, similarity=0.2)
    enriched = enrich(found(), [far, near])
    assert enriched.confidence_breakdown["precedent"] == 0.9
    assert enriched.confidence > enrich(found(), [far]).confidence
    assert enriched.draft == found().draft


def test_a_proposal_is_no_precedent():
    proposed = precedent("Steel frames everywhere.", approved=False, similarity=1.0)
    assert enrich(found(), [proposed]) == enrich(found(), [])
    assert enrich(found(), []).confidence_breakdown["precedent"] == 0.5


def findings(*verdicts, approved=False):
    earlier = precedent("The frame will be timber.", approved=approved)
    return [Finding(earlier, Verdict(verdict), "So it is.") for verdict in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "consistency"),
    [
        ((), 0.5),
        (("consistent", "consistent"), 1),
        (("consistent", "conflicts"), 0),
        (("reverses",), 0),
    ],
)
def test_one_contradiction_takes_the_consistency_away(verdicts, consistency):
    enriched = enrich(found(), [], findings(*verdicts))
    assert enriched.confidence_breakdown["consistency"] == consistency
    assert [finding.verdict for finding in enriched.findings] == list(verdicts)
    assert enriched.draft == found().draft


@pytest.mark.parametrize(
    ("verdicts", "approved", "severity"),
    [
        (("reverses", "reverses"), False, "medium"),
        (("consistent", "reverses"), True, "high"),
        (("conflicts", "consistent"), True, None),
    ],
)
def test_a_reversal_is_flagged_once_and_higher_where_it_was_approved(verdicts, approved, severity):
    flags = enrich(found(), [], findings(*verdicts, approved=approved)).flags
    assert [(flag.type, flag.severity) for flag in flags] == (
        [("reversal_pattern", severity)] if severity else []
    )
