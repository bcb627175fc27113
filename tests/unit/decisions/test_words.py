import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlog.decisions import words
from decisionlog.decisions.words import Query, parse


def keys(text):
    return [word.key for word in words.read(text)]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("beam", "beams"),
        ("box", "boxes"),
        ("finish", "finishes"),
        ("loss", "losses"),
        ("house", "houses"),
        ("structure", "structures"),
        ("property", "properties"),
        ("shoe", "shoes"),
        ("room", "rooms"),
        ("system", "systems"),
        ("fire", "fires"),
        ("laje", "lajes"),
        ("betão", "betões"),
        ("ligação", "ligações"),
        ("pão", "pães"),
        ("mão", "mãos"),
        ("pilar", "pilares"),
        ("luz", "luzes"),
        ("jardim", "jardins"),
        ("viagem", "viagens"),
        ("animal", "animais"),
        ("painel", "painéis"),
        ("lençol", "lençóis"),
        ("azul", "azuis"),
        ("parede", "paredes"),
        ("série", "séries"),
        ("m²", "m2"),
        ("1,5", "1.5"),
        ("client", "client’s"),
    ],
)
def test_one_and_many_share_a_key(one, many):
    assert keys(one) == keys(many) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C#", "C++"),
        ("porta", "porto"),
        ("note", "not"),
        ("R90", "R60"),
        ("1.5", "15"),
    ],
)
def test_different_words_keep_apart(one, other):
    assert keys(one) != keys(other)


@given(st.text(max_size=200))
def test_what_the_databases_get_is_free_of_their_syntax(text):
    for word in words.read(text):
        for part in (word.form, word.key):
            assert part
            assert not set(part) & set("'\"\\:*&|!()<>{} \t\n")
            assert len(part) <= words.WORD_MAX
        assert 0 <= word.start < word.end <= len(text)


@given(st.text(max_size=100))
def test_a_text_is_read_alike_with_or_without_case_and_composed_accents(text):
    assert keys("Jo\u00e3o " + text) == keys("JOA\u0303O " + text)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("", Query()),
        ('"" ', Query()),
        ("& | ! -", Query()),
        ("steel beams", Query(("steel",), (), "beams")),
        ("the roof of the school", Query(("roof",), (), "school")),
        ("it is", Query(("it", "is"))),
        ('"go with steel" frame', Query((), (("go", "with", "steel"),), "frame")),
        ("“go with” steel", Query((), (("go", "with"),), "steel")),
        ('steel "frame', Query(("steel",), (), "frame")),
        ('"steel" beam.', Query(("beam",), (("steel",),))),
        ("it's", Query(("it",))),
    ],
)
def test_a_query_is_read_as_people_mean_it(typed, understood):
    assert parse(typed) == understood


def test_highlights_point_at_the_words_found():
    text = "As ligações de aço, e a ligação soldada; steelwork."
    marked = [text[start:end] for start, end in words.highlights(text, parse('"de aço" ligacao'))]
    assert marked == ["ligações", "de", "aço", "ligação"]
    assert words.highlights(text, parse("steel")) == [(41, 50)]
