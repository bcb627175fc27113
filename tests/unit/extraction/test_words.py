import pytest

from decisionlog.extraction.words import fillers, has_content, is_negation, is_number, keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We’ll use A4, OK?", ["we'll", "use", "a4", "ok"]),
        ("2.5 m, 1,000 m², 10:30", ["2.5", "m", "1,000", "m²", "10:30"]),
        ("-5 °C and 3-5 pieces, 4 %", ["-5°", "c", "and", "3", "5", "pieces", "4%"]),
        ("$3 (€2.50) +7", ["$3", "€2.50", "+7"]),
        ("kick-off/start", ["kick", "off", "start"]),
        ("Straße cafe\u0301", ["strasse", "café"]),
        ("'quoted' isn't", ["quoted", "isn't"]),
        ("", []),
        ("— … !", []),
    ],
)
def test_words_keep_what_carries_meaning_and_lose_the_rest(text, expected):
    assert keys(text) == expected


@pytest.mark.parametrize("word", ["not", "won't", "can't", "couldn't", "não", "nao", "nem"])
def test_negations_are_known(word):
    assert is_negation(word)


@pytest.mark.parametrize("word", ["7", "2.5", "a4", "fifteen", "dois", "third", "$3"])
def test_numbers_are_known(word):
    assert is_number(word)


@pytest.mark.parametrize("word", ["will", "note", "nothingness", "wall", "bonito"])
def test_other_words_are_neither(word):
    assert not is_negation(word)
    assert not is_number(word)


@pytest.mark.parametrize(
    ("words", "content"),
    [("yes", False), ("okay let's go", False), ("um", False), ("steel", True), ("40%", True)],
)
def test_agreement_alone_has_no_content(words, content):
    assert has_content(words.split()) is content


def test_um_is_a_hesitation_where_no_portuguese_is_spoken():
    assert "um" in fillers(keys("The wall and, um, the roof of it."))
    assert "um" not in fillers(keys("The wall and não usamos um pilar que é."))
