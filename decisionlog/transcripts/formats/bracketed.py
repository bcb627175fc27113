"""`[HH:MM:SS] Name: words`: DecisionLog's own canonical form, and what many tools write.

Also `[MM:SS]`, `[start - end]`, `(HH:MM:SS)` and `[10:02:15 AM]`.
"""

import re
from collections.abc import Iterator, Sequence

from decisionlog.transcripts.lines import Utterance, after_heading
from decisionlog.transcripts.timed_lines import Opening, read_timed_lines
from decisionlog.transcripts.times import TIME

name = "bracketed"
extensions = ("txt",)

_OPENING = re.compile(rf"[\[(]\s?({TIME})(?:\s?(?:-->|[-–—])\s?({TIME}))?\s?[\])]")


def _opening(line: str) -> Opening | None:
    found = _OPENING.match(line)
    return Opening(found[1], found[2], line[found.end() :].lstrip()) if found else None


def score(text: str, lines: Sequence[str]) -> int:
    return sum(_opening(line) is not None for line in lines)


def parse(text: str) -> Iterator[Utterance]:
    return read_timed_lines(lambda: after_heading(text), _opening)
