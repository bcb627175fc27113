"""What holds for any text, and for any meeting in any format."""

from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisionlog.transcripts import (
    Transcript,
    UnreadableTranscript,
    decode,
    parse,
    recognise,
    timestamp,
)
from decisionlog.transcripts.speakers import UNKNOWN, clean_name

PIECES = st.sampled_from(
    [
        "\n",
        "\n",
        "\r",
        " ",
        "  ",
        ":",
        ": ",
        "：",
        "-",
        " - ",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "*",
        "**",
        "WEBVTT\n\n",
        "NOTE ",
        "1\n",
        "2\n",
        "-->",
        "00:00:01.000 --> 00:00:02.000\n",
        "00:00:03,000 --> 00:00:04,000\n",
        "[00:00:01] ",
        "[00:05 - 00:07]",
        "00:07",
        "1:02:03 ",
        "9:15 AM ",
        "<v ",
        "<v Anna>",
        "</v>",
        "&amp;",
        "&#1;",
        "Anna: ",
        "Ben Silva",
        "note",
        "Note: ",
        "Unknown: ",
        "http://x",
        "שרה",
        "\u200f",
        "\u2028",
        "\x1c",
        "Transcript\n",
        "Transcription ended after 00:01",
        "Transcribed by https://otter.ai",
        "Anna  0:05\n",
        "Ben - 0:09\n",
        "**Ana** *[0:07]*: ",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join))


def spoken(transcript: Transcript) -> list[tuple]:
    return [(turn.speaker, turn.text, timestamp(turn.start)) for turn in transcript.turns]


@settings(max_examples=400)
@given(TEXTS)
def test_any_text_is_turns_that_hold_together_or_is_refused_in_so_many_words(text):
    with suppress(UnreadableTranscript):
        transcript = parse(text)
        turns = transcript.turns

        assert [turn.index for turn in turns] == list(range(len(turns)))
        assert len(transcript.text.split("\n")) == len(turns) > 0
        assert len({turn.start is None for turn in turns}) == 1
        assert all(a.char_end < b.char_start for a, b in pairwise(turns))
        for turn in turns:
            assert turn.speaker
            assert turn.text == " ".join(turn.text.split()) != ""
            assert transcript.text[turn.char_start : turn.char_end] == turn.text


@settings(max_examples=400)
@given(TEXTS)
def test_what_is_recognised_at_the_door_can_be_read_and_nothing_else(text):
    assert told(recognise, text) == told(lambda text: parse(text).format, text)


def told(read, text):
    try:
        return read(text)
    except UnreadableTranscript as error:
        return str(error)


@given(TEXTS)
def test_canonical_text_parses_to_the_same_turns(text):
    with suppress(UnreadableTranscript):
        transcript = parse(text)

        assert spoken(parse(transcript.text)) == spoken(transcript)
        assert parse(transcript.text).text == transcript.text


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_are_refused(data):
    for start in (b"", b"PK\x03\x04", b"\xff\xfe"):
        with suppress(UnreadableTranscript):
            decode(start + data)


@given(st.text(max_size=150))
def test_cleaning_a_name_twice_changes_nothing(raw):
    assert clean_name(clean_name(raw)) == clean_name(raw)


WORD = st.sampled_from(
    [
        "the",
        "roof",
        "1.20",
        "m,",
        "(north)",
        "O'Neill's",
        "grid-line;",
        "two?",
        "água",
        "כן",
        "ok:",
        "-",
    ]
)
NAME = st.sampled_from(
    [
        "Anna Costa",
        "Ben",
        "O'Neill, Rui (Studio)",
        "Dr. Brás",
        "שרה כהן",
        "Project manager",
        UNKNOWN,
    ]
)
MEETINGS = st.lists(
    st.tuples(NAME, st.lists(WORD, min_size=1, max_size=12).map(" ".join)), min_size=1, max_size=12
)


def clock(second: int, point: str = "") -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" + (
        f"{point}000" * bool(point)
    )


def cue(at: int, payload: str, point: str) -> str:
    return f"{clock(at, point)} --> {clock(at + 4, point)}\n{payload}\n"


RENDERERS = {
    "bracketed": lambda at, name, words: f"[{clock(at)}] {name}: {words}",
    "tactiq": lambda at, name, words: f"{clock(at)} {name}: {words}",
    "google-meet": lambda at, name, words: f"{clock(at)}\n{name}: {words}",
    "fireflies": lambda at, name, words: f"{name} - {clock(at)}\n{words}\n",
    "otter": lambda at, name, words: f"{name}  {clock(at)}\n{words}\n",
    "named": lambda at, name, words: f"{name}: {words}",
    "webvtt": lambda at, name, words: cue(at, f"<v {name}>{words}</v>", "."),
    "srt": lambda at, name, words: f"{at // 7 + 1}\n" + cue(at, f"{name}: {words}", ","),
}


@pytest.mark.parametrize("form", RENDERERS)
@given(meeting=MEETINGS)
def test_no_word_is_lost_and_each_keeps_its_speaker(form, meeting):
    lines = [RENDERERS[form](7 * n, name, words) for n, (name, words) in enumerate(meeting)]
    text = "\n".join((["WEBVTT", ""] if form == "webvtt" else []) + lines)

    transcript = parse(text)

    assert transcript.format == form
    assert said(transcript) == Counter(
        (name, word) for name, words in meeting for word in words.split()
    )


def said(transcript: Transcript) -> Counter:
    return Counter((turn.speaker, word) for turn in transcript.turns for word in turn.text.split())
