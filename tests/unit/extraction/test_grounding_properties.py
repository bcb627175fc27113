"""Grounding under any damage: 10,000 examples of each with --hypothesis-profile=thorough.

Transcripts are made of words on which pairs of look-alikes hang ("steel", never "steal"), so that
swapping one word for its look-alike always makes a quote that was not said.
"""

import unicodedata
from itertools import pairwise
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from decisionlog.extraction.drafts import Quote
from decisionlog.extraction.grounding import TranscriptIndex
from decisionlog.extraction.words import is_negation, is_number, keys
from tests.unit.extraction.builders import transcript

LOOKALIKES = {
    "steel": "steal",
    "beam": "bean",
    "fifteen": "fifty",
    "13": "30",
    "2.5": "25",
    "1,000": "10,00",
    "-5": "5",
    "40%": "40",
    "£300": "€300",
    "10:30": "10.30",
    "can": "can't",
    "will": "won't",
    "won't": "will",
    "isn't": "is",
    "never": "ever",
    "notable": "no table",
    "nowhere": "now here",
    "approved": "improved",
    "internal": "interval",
    "window": "windows",
    "we're": "were",
    "avó": "avô",
    "pode": "pôde",
    "não": "nos",
    "dois": "doze",
    "laje": "lage",
}
PLAIN = ["the", "a", "of", "for", "colour", "kick-off", "we've", "organised", "centre", "sótão"]
FILLERS = ["uh", "Er", "hmm", "ah"]
VARIANTS = {
    "colour": "color",
    "kick-off": "kick off",
    "we've": "we have",
    "organised": "organized",
    "centre": "center",
    "won't": "will not",
    "isn't": "is not",
    "we're": "we are",
}

# Written out, these are a stutter and more: "we've we have", "will will not".
UNCLEAR = [("we've", "we've"), ("we're", "we're"), ("will", "won't")]

word = st.sampled_from([*LOOKALIKES, *PLAIN])
noises = st.integers(0, 2**32).map(Random)
turns = st.lists(st.lists(word, min_size=1, max_size=12), min_size=1, max_size=8)


@st.composite
def cuts(draw, least: int):
    """A meeting as lists of words a turn, and where a quote was cut out of it."""
    said = draw(turns)
    places = [(t, w) for t, words in enumerate(said) for w in range(len(words))]
    assume(len(places) >= least)
    first = draw(st.integers(0, len(places) - least))
    last = draw(st.integers(first + least, min(len(places), first + 25)))
    return said, places[first:last]


def spoken(said, noise):
    """The meeting with hesitations, stutters and punctuation here and there."""
    return transcript(
        *(
            (f"P{number % 3}", " ".join(sound for w in words for sound in noisy(w, noise)) + ".")
            for number, words in enumerate(said)
        ),
        ("Zé", "É só."),  # so that accents count
    )


def noisy(word, noise):
    kind = noise.choice(["as it is"] * 6 + ["filler", "stutter", "comma"])
    if kind == "filler":
        return [noise.choice(FILLERS) + ",", word]
    if kind == "stutter" and word.isalpha() and not (is_number(word) or is_negation(word)):
        return [word, word]
    return [word + ","] if kind == "comma" else [word]


def damaged(word, noise):
    kind = noise.choice(["as it is"] * 4 + ["case", "form", "quotes", "spelling", "spaces", "dash"])
    return {
        "case": word.upper(),
        "form": unicodedata.normalize("NFD", word),
        "quotes": word.replace("'", "’"),
        "spelling": VARIANTS.get(word, word),
        "spaces": f"  {word}\n",
        "dash": f"{word} –",
    }.get(kind, word)


def in_order(evidence):
    return sorted(evidence, key=lambda e: e.start)


def read(texts):
    """Words without hesitations and repeats: what damage leaves alone."""
    kept = []
    for key in (key for text in texts for key in keys(text)):
        stays = is_number(key) or is_negation(key)
        if key not in ("uh", "er", "hmm", "ah") and (stays or [key] != kept[-1:]):
            kept.append(key)
    return kept


@given(cut=cuts(least=3), noise=noises)
def test_a_damaged_quote_is_found_at_its_place(cut, noise):
    said, places = cut
    meeting = spoken(said, noise)
    words = [said[turn][number] for turn, number in places]
    quote = " ".join(damaged(sound, noise) for w in words for sound in noisy(w, noise))
    assume(len(read(words)) > 1)
    assume(not any(pair in UNCLEAR for pair in pairwise(words)))
    evidence = in_order(TranscriptIndex(meeting).find(Quote(quote, places[0][0])))
    assert evidence, (meeting.text, quote)
    assert read([e.quote for e in evidence]) == read(words)
    stutter = next((i for i, w in enumerate(words) if read([w]) != read(words[:1])), len(words))
    assert places[0][0] <= evidence[0].turn.index <= places[stutter - 1][0]
    for piece in evidence:
        assert piece.quote == meeting.text[piece.start : piece.end]
        assert piece.turn.char_start <= piece.start < piece.end <= piece.turn.char_end


@given(cut=cuts(least=3), noise=noises, hint=st.none() | st.integers(-1, 9))
def test_a_quote_with_a_look_alike_of_one_word_is_never_found(cut, noise, hint):
    said, places = cut
    words = [said[turn][number] for turn, number in places]
    spots = [i for i, w in enumerate(words) if w in LOOKALIKES]
    assume(spots)
    spot = noise.choice(spots)
    words[spot] = LOOKALIKES[words[spot]]
    assume(not stands(words, said))
    meeting = spoken(said, noise)
    assert TranscriptIndex(meeting).find(Quote(" ".join(words), hint)) == ()


@given(cut=cuts(least=3), noise=noises)
def test_a_quote_with_a_word_more_or_less_is_never_found(cut, noise):
    said, places = cut
    words = [said[turn][number] for turn, number in places]
    spot = noise.randrange(1, len(words) - 1)
    if noise.random() < 0.5:
        words.insert(spot, noise.choice(["not", "concrete", "7", "no", "without"]))
    else:
        del words[spot]
    assume(not stands(words, said))
    meeting = spoken(said, noise)
    assert TranscriptIndex(meeting).find(Quote(" ".join(words), places[0][0])) == ()


@given(text=st.text(max_size=200), quote=st.text(max_size=60), hint=st.none() | st.integers())
def test_whatever_is_found_is_the_transcripts_own(text, quote, hint):
    meeting = transcript(("Ann", " ".join(text.split())), ("Bo", "é a laje"))
    for piece in TranscriptIndex(meeting).find(Quote(quote, hint)):
        assert piece.quote == meeting.text[piece.start : piece.end]
        assert piece.quote in piece.turn.text


@given(text=st.text(min_size=1, max_size=200))
def test_any_whole_turn_is_found_as_it_stands(text):
    text = " ".join(text.split())
    meeting = transcript(("Ann", text))
    assert bool(TranscriptIndex(meeting).find(Quote(text, 0))) is bool(keys(text))


def stands(words, said):
    """Whether the words were really said in one piece, looked up the slow way.

    The look-alike of a word may make what was said elsewhere ("will" where both stand), and a
    word left out between two equal ones makes a stutter.
    """
    wanted = "".join(once(words))
    flat = once(word for words in said for word in words)
    return any(
        "".join(flat[start:end]) == wanted
        for start in range(len(flat))
        for end in range(start + 1, len(flat) + 1)
    )


def once(words):
    kept = []
    for word in words:
        if is_number(word) or is_negation(word) or [word] != kept[-1:]:
            kept.append(word)
    return [part for word in kept for part in VARIANTS.get(word, word).split()]
