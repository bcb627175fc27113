"""Tactiq's text export: a heading (title, date, attendees, highlights), then `MM:SS Name: words`.

Its video transcripts are the same without names: `00:00:04.320 words` under lines of `#`.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.lines import Utterance, after_heading
from decisionlog.transcripts.timed_lines import Opening, read_timed_lines
from decisionlog.transcripts.times import TIME

name = "tactiq"
extensions = ("txt", "docx")

_OPENING = re.compile(rf"({TIME})\s{{1,3}}(?!-->)")


def _opening(line: str) -> Opening | None:
    found = _OPENING.match(line)
    return Opening(found[1], None, line[found.end() :]) if found else None


def score(text: str, lines: Sequence[str]) -> int:
    return sum(_opening(line) is not None for line in lines)


def parse(text: str) -> Iterator[Utterance]:
    return read_timed_lines(lambda: after_heading(text), _opening)
