import pytest

from decisionlog.extraction.drafts import GroundedDecision, Quote
from decisionlog.extraction.duplicates import without_duplicates
from decisionlog.extraction.grounding import TranscriptIndex
from tests.unit.extraction.builders import draft, transcript

INDEX = TranscriptIndex(
    transcript(
        ("Ann", "The north wall is of brick and the south wall is of timber."),
        ("Bo", "So brick in the north."),
    )
)


def heard(quote, statement):
    found = INDEX.find(Quote(quote))
    return GroundedDecision(draft(quote, 0, statement), found, 0.5, {})


def kept(*told):
    decisions, repeated = without_duplicates(list(told))
    assert len(decisions) + len(repeated) == len(told)
    return [decision.draft.statement for decision in decisions]


WALL = heard("the north wall is of brick", "The north wall will be built of brick.")


@pytest.mark.parametrize(
    ("quote", "statement"),
    [
        ("north wall is of brick and", "The north wall is to be built of brick."),
        ("wall is of brick", "North wall built of brick"),
    ],
)
def test_one_passage_in_two_parts_is_told_once(quote, statement):
    assert kept((0, WALL), (1, heard(quote, statement))) == [WALL.draft.statement]


def test_one_passage_may_settle_two_things():
    south = heard("the north wall is of brick", "The south wall will be built of timber.")
    assert len(kept((0, WALL), (0, south))) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "The north wall will not be built of brick.",
        "The north wall will be built of 2 bricks.",
        "No north wall will be built of brick.",
    ],
)
def test_a_negation_or_number_more_is_another_decision(statement):
    assert len(kept((0, WALL), (1, heard("the north wall is of brick", statement)))) == 2


def test_opposites_in_the_same_words_stay_apart():
    one = heard("the north wall is of brick", "Brick over timber.")
    other = heard("brick in the north", "Timber over brick.")
    assert len(kept((0, one), (1, other))) == 2


def test_a_statement_repeated_anywhere_is_one_decision_and_the_first_is_kept():
    later = heard("so brick in the north", "the north wall WILL be built of brick")
    decisions, repeated = without_duplicates([(1, later), (0, WALL)])
    assert decisions == [WALL]
    assert repeated == [later]


def test_decisions_come_in_order_of_time():
    later = heard("so brick in the north", "North is brick.")
    south = heard("the south wall is of timber", "South is timber.")
    assert kept((0, later), (0, south), (0, WALL)) == [
        WALL.draft.statement,
        south.draft.statement,
        later.draft.statement,
    ]
