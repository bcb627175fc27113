"""Google Meet's transcript document: a heading, then `Name: words` in blocks under a line that
is only a time (`[00:05:00]` from other tools), which every turn of the block takes as its start.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.formats.named import count_named
from decisionlog.transcripts.lines import Utterance, after_heading, gather
from decisionlog.transcripts.speakers import known_speakers, split_speaker
from decisionlog.transcripts.times import TIME, Clock

name = "google-meet"
extensions = ("docx", "txt")

_MARKER = re.compile(rf"[\[(]?({TIME})[\])]?")
_FOOTER = re.compile(
    r"[#* ]{0,8}(?:(?:meeting|transcription) ended after \d|this editable transcript was computer"
    r"|(?:a )?transcrição (?:terminou|terminada|encerrada) |esta transcrição editável )",
    re.IGNORECASE,
)


def score(text: str, lines: Sequence[str]) -> int:
    markers = sum(_MARKER.fullmatch(line) is not None for line in lines)
    framed = any(_FOOTER.match(line) for line in lines)
    named = count_named(line for line in lines if _may_be_spoken(line))
    return markers + named + framed if named and (markers or framed) else 0


def parse(text: str) -> Iterator[Utterance]:
    speakers = known_speakers(
        (split_speaker(line) or (None,))[0]
        for _, line in after_heading(text)
        if _may_be_spoken(line)
    )
    return gather(_events(text, speakers))


def _may_be_spoken(line: str) -> bool:
    return not (_MARKER.fullmatch(line) or _FOOTER.match(line))


def _events(text: str, speakers: frozenset[str]) -> Iterator[Utterance | str]:
    clock = Clock()
    timed = any(_MARKER.fullmatch(line) for _, line in after_heading(text))
    start = 0.0 if timed else None
    for _, line in after_heading(text):
        if marker := _MARKER.fullmatch(line):
            start = clock.seconds(marker[1]) or start
        elif not _FOOTER.match(line):
            found = split_speaker(line)
            yield Utterance(*found, start) if found and found[0] in speakers else line
