"""WebVTT (https://www.w3.org/TR/webvtt1/), as Zoom (`Name: words`) and Teams (`<v Name>`) send.

A file without its first line, `WEBVTT`, is read too. As the standard says, text outside of a cue
is a comment.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.cues import CUE_WEIGHT, utterances
from decisionlog.transcripts.lines import Utterance, numbered_lines
from decisionlog.transcripts.transcript import UnreadableTranscript

name = "webvtt"
extensions = ("vtt",)

_HEADER = re.compile(r"\s*WEBVTT(?=\s|$)")
_TIME = r"(?:\d{1,10}:)?[0-5]?\d:[0-5]?\d\.\d{1,3}"
_CUE_TIMES = re.compile(rf"{_TIME}\s{{0,8}}-->\s{{0,8}}{_TIME}(?=\s|$)")
_CERTAIN = 1_000_000


def score(text: str, lines: Sequence[str]) -> int:
    if _HEADER.match(text):
        return _CERTAIN
    return CUE_WEIGHT * sum(_CUE_TIMES.match(line) is not None for line in lines)


def parse(text: str) -> Iterator[Utterance]:
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    for number, line in numbered_lines(text):
        if "-->" in line and not _CUE_TIMES.match(line):
            raise UnreadableTranscript("the times of this cue are not 00:00:00.000 --> …", number)
    try:
        header = "" if _HEADER.match(text) else "WEBVTT\n\n"
        captions = webvtt.from_string(header + text.lstrip()).captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise UnreadableTranscript("this is not WebVTT") from error
    return utterances(captions)
