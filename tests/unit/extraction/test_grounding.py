import unicodedata

import pytest

from decisionlog.extraction import grounding
from decisionlog.extraction.drafts import Quote
from decisionlog.extraction.grounding import TranscriptIndex, UngroundedError, ground
from tests.unit.extraction.builders import transcript

MEETING = transcript(
    ("Ann", "Good morning. Um, the the programme is tight, isn't it?"),  # 0
    ("Bo", "We won't need more than fifteen columns, 2.5 m apart, that's 25 m in all."),  # 1
    ("Ann", "Yes, let’s go with steel"),  # 2
    ("Bo", "frames then. Grey ones."),  # 3
    ("Cy", "Yes."),  # 4
    ("Ann", "The slab cools to -5 degrees at 40 % load; we’ll need $300 of glue."),  # 5
    ("Bo", "I, um, I can't see the notable table now. Here we go with it."),  # 6
    ("Cy", "Agreed."),  # 7
    ("Bo", "We go with it. We go with it."),  # 8
    ("Dee", "Plan b is kick-off on Monday, two two five is the extension."),  # 9
    ("Ann", "It is not not allowed. Timber"),  # 10
    ("Bo", "Timber it is."),  # 11
)
PORTUGUESE = transcript(
    ("Ana", "A solução é esta: não usamos um pilar, a avó da obra não quer."),
    ("Ana", "O cliente pode, e pôde sempre, mudar."),
)


def found(quote, turn=None, where=MEETING):
    return [e.quote for e in TranscriptIndex(where).find(Quote(quote, turn))]


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("let’s go with steel", "let’s go with steel"),
        ("Let's GO with,  steel!", "let’s go with steel"),
        ("lets go with steel", "let’s go with steel"),
        ("the programme is tight", "the programme is tight"),
        ("the program is tight", "the programme is tight"),
        ("Good morning the programme", "Good morning. Um, the the programme"),
        ("good morning um um the programme", "Good morning. Um, the the programme"),
        ("we will not need more than", "We won't need more than"),
        ("we wont need more", "We won't need more"),
        ("gray ones", "Grey ones"),
        ("kickoff on monday", "kick-off on Monday"),
        ("kick off on monday", "kick-off on Monday"),
        ("I can't see", "I can't see"),
        ("I cannot see", "I can't see"),
        ("we will need $300", "we’ll need $300"),
        ("40% load", "40 % load"),
        ("−5 degrees", "-5 degrees"),
    ],
)
def test_a_quote_is_found_under_what_does_not_change_its_words(quote, stands):
    assert found(quote) == [stands]


@pytest.mark.parametrize(
    "quote",
    [
        "we go with concrete",
        "let's go with steal",
        "we will need more than fifteen columns",
        "we need more than fifteen columns",
        "we won't need more than fifty columns",
        "fifteen columns, 25 m apart",
        "fifteen columns, 2 5 m apart",
        "fifteen columns, 2,5 m apart",
        "5 m apart",
        "that's 2.5 m in all",
        "cools to 5 degrees",
        "at 40 load",
        "need 300 of glue",
        "need €300 of glue",
        "I can see the notable table",
        "the no table table",
        "the notable table nowhere",
        "two five is the extension now",
        "b is kick-off, two five is the extension",
        "it is not allowed",
        "it is allowed",
        "ood morning",
        "good mornin",
        "steel and frames",
        "good morning the tight programme",
        "",
        " . ",
        "um",
        "\x00",
    ],
)
def test_a_changed_word_number_or_negation_is_another_quote(quote):
    with pytest.raises(UngroundedError):
        ground([Quote(quote, 0)], TranscriptIndex(MEETING))


def test_evidence_is_the_transcripts_own_text_with_its_speaker_and_time():
    (evidence,) = TranscriptIndex(MEETING).find(Quote("LETS go with STEEL"))
    assert evidence.quote == "let’s go with steel"
    assert evidence.quote == MEETING.text[evidence.start : evidence.end]
    assert (evidence.speaker, evidence.timestamp) == ("Ann", "00:00:20")


def test_a_quote_that_crosses_turns_is_split_by_turn_with_the_longest_piece_first():
    evidence = TranscriptIndex(MEETING).find(Quote("go with steel frames then. Grey ones. Yes."))
    assert [(e.quote, e.speaker) for e in evidence] == [
        ("frames then. Grey ones", "Bo"),
        ("go with steel", "Ann"),
        ("Yes", "Cy"),
    ]


def test_of_two_pieces_as_long_the_earlier_leads():
    assert found("go with steel frames then grey") == ["go with steel", "frames then. Grey"]


@pytest.mark.parametrize(
    ("turn", "index"), [(None, 6), (0, 6), (6, 6), (7, 8), (8, 8), (11, 8), (99, 6), (-1, 6)]
)
def test_of_repeated_phrases_the_one_nearest_to_the_hinted_turn_is_meant(turn, index):
    (evidence,) = TranscriptIndex(MEETING).find(Quote("we go with it", turn))
    assert evidence.turn.index == index


def test_a_wrong_hint_does_not_hide_a_quote():
    assert found("let's go with steel", 9) == ["let’s go with steel"]


def test_a_looser_match_in_the_hinted_turn_beats_a_closer_match_elsewhere():
    twice = transcript(("Ann", "We use steel here."), ("Bo", "Hm."), ("Cy", "We, uh, use steel."))
    assert found("we use steel", 2, twice) == ["We, uh, use steel"]


def test_a_word_that_the_next_speaker_repeats_is_not_the_first_speakers():
    assert found("timber it is", 11) == ["Timber it is"]
    assert found("timber uh timber it is", 11) == ["Timber it is"]
    assert found("timber timber it is", 10) == ["Timber it is", "Timber"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_are_the_same(form):
    text = unicodedata.normalize(form, "A decisão é não usar betão.")
    other = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "decisão é não usar betão")
    assert found(other, where=transcript(("Ana", text))) == [text[2:-1]]


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("a solucao e esta: nao usamos um pilar", True),
        ("a solução e esta", False),
        ("a avô da obra", False),
        ("não usamos pilar", False),
        ("a solução é esta: usamos um pilar", False),
        ("nao usamos um pilar", True),
        ("o cliente pode, e pode sempre", False),
        ("obra nao quer", True),
    ],
)
def test_accents_count_unless_a_quote_was_clearly_written_without_any(quote, stands):
    assert bool(found(quote, where=PORTUGUESE)) is stands


def test_a_transcript_without_any_accent_is_read_like_one():
    bare = transcript(("Rui", "Entao a laje fica macica e pronto."))
    assert found("Então a laje fica maciça", where=bare) == ["Entao a laje fica macica"]


def test_um_hesitates_in_english_and_counts_in_portuguese():
    assert found("não usamos pilar", where=PORTUGUESE) == []
    assert found("good morning the programme") != []


def reason(*quotes):
    with pytest.raises(UngroundedError) as caught:
        ground([Quote(text, turn) for text, turn in quotes], TranscriptIndex(MEETING))
    return str(caught.value)


def test_a_draft_without_a_quote_or_with_too_long_a_one_is_refused():
    assert reason() == grounding.NO_QUOTE
    assert reason(("word " * 601, 0)) == grounding.TOO_LONG


@pytest.mark.parametrize(("quote", "turn"), [("Yes", 4), ("agreed.", 7), ("of", 5), ("slab", 9)])
def test_a_word_or_two_without_content_show_no_decision(quote, turn):
    assert reason((quote, turn)) == grounding.TOO_SHORT


def test_a_word_with_content_counts_in_the_turn_where_it_was_said():
    (evidence,) = ground([Quote("Timber", 10)], TranscriptIndex(MEETING))
    assert evidence.turn.index == 10


def test_a_bare_yes_counts_beside_a_longer_quote_which_then_leads():
    evidence = ground([Quote("Yes.", 4), Quote("let's go with steel", 2)], TranscriptIndex(MEETING))
    assert [e.quote for e in evidence] == ["let’s go with steel", "Yes"]


def test_two_bare_words_do_not_support_each_other():
    assert reason(("Yes.", 4), ("Agreed.", 7)) == grounding.TOO_SHORT


def test_a_longer_quote_from_far_away_does_not_support_a_bare_yes():
    far = transcript(("Ann", "We could use steel."), *[("Bo", "Hm.")] * 11, ("Cy", "Yes."))
    with pytest.raises(UngroundedError, match=grounding.TOO_SHORT):
        ground([Quote("Yes.", 12), Quote("we could use steel", 0)], TranscriptIndex(far))


def test_a_passage_said_in_several_places_is_widened_within_its_turn():
    again = transcript(
        ("Ann", "We go with it."),
        ("Bo", f"{'so ' * 30}as for brick, we go with it in the north."),
        ("Ann", "We go with it."),
    )
    (evidence,) = ground([Quote("we go with it", 1)], TranscriptIndex(again))
    assert evidence.turn.index == 1
    assert evidence.quote == f"{'so ' * 17}as for brick, we go with it in the north"
    (evidence,) = ground([Quote("We go with it", 2)], TranscriptIndex(again))
    assert (evidence.quote, evidence.turn.index) == ("We go with it", 2)


@pytest.mark.parametrize(
    ("said", "quote", "stands"),
    [
        ("So we are not going to use steel.", "use steel", "not going to use steel"),
        ("Well we won't need any more columns.", "need any more", "won't need any more"),
        ("Não, não vamos usar betão.", "vamos usar betão", "não vamos usar betão"),
        ("Not here. We use steel beams.", "we use steel beams", "We use steel beams"),
        ("It's not that I mind, use steel.", "use steel", "use steel"),
    ],
)
def test_a_passage_keeps_the_negation_just_before_it(said, quote, stands):
    (evidence,) = ground([Quote(quote, 0)], TranscriptIndex(transcript(("Ann", said))))
    assert evidence.quote == stands


def test_a_passage_said_once_is_left_as_it_is():
    (evidence,) = ground([Quote("go with steel", 2)], TranscriptIndex(MEETING))
    assert evidence.quote == "go with steel"


def test_a_further_quote_that_does_not_stand_is_left_out():
    evidence = ground(
        [Quote("let's go with steel", 2), Quote("and with copper", 2)], TranscriptIndex(MEETING)
    )
    assert [e.quote for e in evidence] == ["let’s go with steel"]


def test_the_same_passage_is_evidence_once():
    quotes = [Quote("let's go with steel", 2), Quote("LET'S go with steel", 2)]
    assert len(ground(quotes, TranscriptIndex(MEETING))) == 1


def test_turns_without_words_are_no_obstacle():
    gaps = transcript(("Ann", "We go"), ("Bo", "..."), ("Cy", ""), ("Ann", "with steel."))
    assert found("we go with steel", 0, gaps) == ["We go", "with steel"]
    assert found("we go", 0, transcript(("Ann", "..."))) == []
