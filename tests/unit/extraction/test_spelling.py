import pytest

from decisionlog.extraction.spelling import canonical
from decisionlog.extraction.words import keys


def spelled(text):
    return "".join(map(canonical, keys(text)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("colour", "color"),
        ("coloured", "colored"),
        ("organisations", "organizations"),
        ("analysed", "analyzed"),
        ("centres", "centers"),
        ("travelling", "traveling"),
        ("we're", "we are"),
        ("they've", "they have"),
        ("it'll", "it will"),
        ("I'm", "I am"),
        ("couldn't", "could not"),
        ("cannot", "can't"),
        ("wont", "will not"),
        ("gonna", "going to"),
        ("OK", "okay"),
        ("kick-off", "kickoff"),
        ("lets", "let's"),
    ],
)
def test_spellings_of_the_same_words_are_the_same(one, other):
    assert spelled(one) == spelled(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("steel", "steal"),
        ("filling", "filing"),
        ("planned", "planed"),
        ("can", "can't"),
        ("won't", "will"),
        ("we'll", "well"),
        ("we're", "were"),
        ("he'll", "hell"),
        ("no table", "notable"),
        ("now here", "nowhere"),
        ("2 5", "25"),
        ("2.5", "25"),
        ("four teen", "fourteen"),
        ("hour", "hor"),
        ("your", "yor"),
        ("our", "or"),
        ("wise", "wize"),
        ("avó", "avô"),
        ("windows", "window"),
    ],
)
def test_other_words_stay_other_words(one, other):
    assert spelled(one) != spelled(other)
