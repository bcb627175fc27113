"""Fireflies' exports, as text and as Markdown: `Name - MM:SS` or `Name (MM:SS)` above the words,
`**Name** *[MM:SS]*: words` on one line, or the name and the time on a line each above the words.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.lines import (
    LONGEST_HEADING,
    Utterance,
    after_heading,
    gather,
)
from decisionlog.transcripts.speakers import UNKNOWN, names_somebody, reads_as_a_name
from decisionlog.transcripts.times import TIME, Clock

name = "fireflies"
extensions = ("txt", "md", "docx")

_HEADING = re.compile(rf"([^:*]{{1,120}}?)\s?(?:[-–—]\s|\()({TIME})\)?")
_INLINE = re.compile(rf"\*{{0,2}}([^:*\[\]]{{1,120}}?)\*{{0,2}}\s?\*?[\[(]({TIME})[\])]\*?:")
_TIME = re.compile(TIME)


def _opening(line: str) -> tuple[str, str, str] | None:
    """Name, time and first words of a line that opens a turn by itself."""
    found = _HEADING.fullmatch(line) if len(line) <= LONGEST_HEADING else None
    found = found or _INLINE.match(line)
    if not found or not names_somebody(found[1]):
        return None
    return found[1], found[2], line[found.end() :]


def _is_name(line: str | None) -> bool:
    return (
        line is not None
        and len(line) <= LONGEST_HEADING
        and ":" not in line
        and line[-1] not in ".,"
        and names_somebody(line)
        and reads_as_a_name(line)
    )


def score(text: str, lines: Sequence[str]) -> int:
    previous, found = None, 0
    for line in lines:
        found += _opening(line) is not None
        found += _TIME.fullmatch(line) is not None and _is_name(previous)
        previous = line
    return found


def parse(text: str) -> Iterator[Utterance]:
    return gather(_events(text))


def _events(text: str) -> Iterator[Utterance | str]:
    clock = Clock()
    held: str | None = None  # a line is the speaker of a turn if the next one is a time
    for _, line in after_heading(text):
        opening = _opening(line)
        if opening is None and _TIME.fullmatch(line):
            opening = (held if _is_name(held) else UNKNOWN, line, "")
            held = None if _is_name(held) else held
        seconds = clock.seconds(opening[1]) if opening else None
        if held is not None:
            yield held
        held = None
        if seconds is not None:
            yield Utterance(opening[0], opening[2], seconds)
        else:
            held = line
    if held is not None:
        yield held
