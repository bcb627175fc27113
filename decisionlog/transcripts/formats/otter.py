"""Otter's text export, which Microsoft Teams' documents and Zoom's saved captions resemble:
a heading line `Name  MM:SS` (or `[Name] HH:MM:SS`), and the words below it.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.lines import (
    LONGEST_HEADING,
    Utterance,
    after_heading,
    gather,
)
from decisionlog.transcripts.speakers import UNKNOWN, names_somebody
from decisionlog.transcripts.times import TIME, Clock

name = "otter"
extensions = ("txt", "docx")

_HEADING = re.compile(rf"(?:^|\s{{2,20}}|\t|(?<=\])\s)({TIME})$")
_NOT_SPOKEN = re.compile(
    r"transcribed by https?://otter\.ai|.{1,120} (?:started|stopped) transcription$", re.IGNORECASE
)


def _heading(line: str) -> tuple[str, str] | None:
    """The name (empty where the sender knew none) and the time of a heading line."""
    found = _HEADING.search(line) if len(line) <= LONGEST_HEADING else None
    if not found or ": " in line:
        return None
    speaker = line[: found.start()].strip("[]* ")
    return (speaker, found[1]) if not speaker or names_somebody(speaker) else None


def score(text: str, lines: Sequence[str]) -> int:
    return sum(_heading(line) is not None for line in lines)


def parse(text: str) -> Iterator[Utterance]:
    return gather(_events(text))


def _events(text: str) -> Iterator[Utterance | str]:
    clock = Clock()
    for _, line in after_heading(text):
        heading = _heading(line)
        seconds = clock.seconds(heading[1]) if heading else None
        if seconds is not None:
            yield Utterance(heading[0] or UNKNOWN, "", seconds)
        elif not _NOT_SPOKEN.match(line):
            yield line
