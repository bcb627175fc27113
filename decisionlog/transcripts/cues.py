"""What WebVTT and SRT share: cues with a start, an end and tagged text."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from decisionlog.transcripts.lines import Utterance
from decisionlog.transcripts.speakers import UNKNOWN, clean_name, known_speakers, split_speaker

if TYPE_CHECKING:
    from webvtt.models import Caption

# The times of a cue are unmistakable, and a cue may hold several lines that each name a speaker.
CUE_WEIGHT = 100

# Cues are subtitles, cut every few seconds: one sentence spans several.
_LONGEST_PAUSE = 2.0
_LONGEST_JOINED = 2000

_TAG = re.compile(r"<(/?)(c|i|b|u|v|lang|ruby|rt|font)(?=[\s.>])([^<>]*)>|<\d[\d:.]*>", re.I)
_ESCAPES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&#39;": "'",
    "&nbsp;": " ",
    "&lrm;": "",
    "&rlm;": "",
}
_ESCAPE = re.compile("|".join(_ESCAPES))
_CLASSES = re.compile(r"(?:\.\S*)?\s")


class _Passage(NamedTuple):
    """Part of a cue; `voice` is None where the cue has no tag that says who speaks."""

    cue: int
    voice: str | None
    text: str
    start: float
    end: float


def utterances(captions: "Iterable[Caption]") -> Iterator[Utterance]:
    """What each speaker says, in order of start: `<v Name>` tags, or `Name: ` where a line starts.

    Consecutive cues of one speaker less than two seconds apart become one utterance of at most
    2,000 characters.
    """
    passages = [
        passage for cue, caption in enumerate(captions) for passage in _passages(cue, caption)
    ]
    passages.sort(key=lambda passage: passage.start)
    speakers = known_speakers(
        (split_speaker(passage.text.strip()) or (None,))[0]
        for passage in passages
        if passage.voice is None
    )
    return _joined(_spoken(passages, speakers))


def _passages(cue: int, caption: "Caption") -> Iterator[_Passage]:
    start = caption.start_time.in_milliseconds() / 1000
    end = caption.end_time.in_milliseconds() / 1000
    for piece, heard in _voices(caption.raw_text):
        lines = [piece] if heard is not None else piece.split("\n")
        for line in lines:
            if line.strip():
                yield _Passage(cue, heard, _unescape(line), start, end)


def _voices(text: str) -> Iterator[tuple[str, str | None]]:
    """`text` without its tags, cut where the voice changes."""
    voice: str | None = None
    pieces: list[str] = []
    position = 0
    for tag in _TAG.finditer(text):
        pieces.append(text[position : tag.start()])
        position = tag.end()
        if (tag[2] or "").lower() == "v":
            yield "".join(pieces), voice
            pieces = []
            voice = None if tag[1] else _unescape(_CLASSES.sub("", tag[3], count=1))
    pieces.append(text[position:])
    yield "".join(pieces), voice


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text)


def _spoken(passages: Iterable[_Passage], speakers: frozenset[str]) -> Iterator[Utterance]:
    current, speaker = None, UNKNOWN
    for cue, voice, text, start, end in passages:
        if cue != current:  # a name holds for the lines of its cue, no further
            current, speaker = cue, UNKNOWN
        named = split_speaker(text.strip()) if voice is None else None
        if voice is not None:
            speaker = clean_name(voice)
        elif named and named[0] in speakers:
            speaker, text = named
        yield Utterance(speaker, text, start, end)


def _joined(spoken: Iterable[Utterance]) -> Iterator[Utterance]:
    texts: list[str] = []
    current: Utterance | None = None
    length = 0
    for one in spoken:
        if (
            current is not None
            and one.speaker == current.speaker
            and one.start - current.end < _LONGEST_PAUSE
            and length + len(one.text) <= _LONGEST_JOINED
        ):
            current = current._replace(end=max(current.end, one.end))
        else:
            if current is not None:
                yield current._replace(text=" ".join(texts))
            current, texts, length = one, [], 0
        texts.append(one.text)
        length += len(one.text) + 1
    if current is not None:
        yield current._replace(text=" ".join(texts))
