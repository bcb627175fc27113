"""SubRip: numbered cues with `00:00:01,000 --> 00:00:02,000`, the speaker as `Name: words`."""

import io
import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.cues import CUE_WEIGHT, utterances
from decisionlog.transcripts.lines import Utterance, numbered_lines
from decisionlog.transcripts.transcript import UnreadableTranscript

name = "srt"
extensions = ("srt",)

_LOOKS_LIKE_TIMES = re.compile(r"\d{1,10}:\d.{0,20}-->")
_TIME = r"\d{1,10}:[0-5]?\d:[0-5]?\d[,.]\d{1,3}"
_CUE_TIMES = re.compile(rf"{_TIME}\s{{0,8}}-->\s{{0,8}}{_TIME}(?=\s|$)")


def score(text: str, lines: Sequence[str]) -> int:
    return CUE_WEIGHT * sum(_LOOKS_LIKE_TIMES.match(line) is not None for line in lines)


def parse(text: str) -> Iterator[Utterance]:
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    _check(text)
    try:
        captions = webvtt.from_buffer(io.StringIO(text.lstrip()), format="srt").captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise UnreadableTranscript("this is not SubRip") from error
    return utterances(captions)


def _check(text: str) -> None:
    previous = ""
    for number, line in numbered_lines(text):
        if "-->" in line:
            if not _CUE_TIMES.match(line):
                raise UnreadableTranscript(
                    "the times of this cue are not 00:00:00,000 --> …", number
                )
            if not previous.isdigit():
                raise UnreadableTranscript("the number of this cue is missing", number)
        previous = line
