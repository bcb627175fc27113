import pytest

from decisionlog.extraction.confidence import confidence
from decisionlog.extraction.drafts import Draft, Quote
from decisionlog.vocabulary import Discipline, Position


def draft(own=None, **consensus):
    positions = {Discipline(name): position for name, position in consensus.items()}
    return Draft("x", (Quote("x"),), consensus=positions, confidence=own)


def test_what_is_not_known_counts_half():
    assert confidence(draft()) == (
        0.5,
        {"consensus": 0.5, "consistency": 0.5, "precedent": 0.5},
    )


@pytest.mark.parametrize(
    ("positions", "consensus"),
    [
        ({"architecture": Position.AGREE}, 1.0),
        ({"architecture": Position.DISAGREE}, 0.0),
        ({"architecture": Position.ABSTAIN}, 0.5),
        ({"architecture": Position.AGREE, "mep": Position.DISAGREE}, 0.5),
    ],
)
def test_consensus_is_the_share_of_those_who_agree(positions, consensus):
    total, parts = confidence(draft(**positions))
    assert parts["consensus"] == consensus
    assert total == pytest.approx(0.5 * consensus + 0.25)


def test_the_weights_are_half_three_and_two_tenths():
    agreed = draft(architecture=Position.AGREE)
    assert confidence(agreed, consistency=1.0, precedent=1.0)[0] == 1.0
    assert confidence(agreed, consistency=0.0, precedent=1.0)[0] == 0.7
    assert confidence(agreed, consistency=1.0, precedent=0.0)[0] == 0.8


def test_an_extractor_that_doubts_lowers_the_whole_and_shows_in_the_breakdown():
    total, parts = confidence(draft(own=0.4))
    assert total == 0.2
    assert parts["extractor"] == 0.4


@pytest.mark.parametrize("wild", [-3.0, 7.0])
def test_no_figure_leaves_the_range_from_0_to_1(wild):
    total, parts = confidence(draft(own=wild), consistency=wild, precedent=wild)
    assert all(0.0 <= value <= 1.0 for value in (total, *parts.values()))
