"""Reading a text line by line, and lines into utterances."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from decisionlog.transcripts.speakers import MARKS

# Enough to know a format by, after the longest summary that a sender puts before the transcript.
_SAMPLE = 1000
_LONGEST_SUMMARY = 500

# A heading longer than this is no heading; it also keeps patterns off lines of megabytes.
LONGEST_HEADING = 200

_HEADINGS = frozenset({"transcript", "full transcript", "transcrição", "transcripción"})
_LEADING_MARKS = re.compile(rf"(?:{MARKS.pattern}|\s)+")
_WHITE_SPACE = re.compile(r"\s{2,}|[^\S ]")


class Utterance(NamedTuple):
    """Words as a format gives them: `start` and `end` in seconds, None where it has no times."""

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None


def collapse(text: str) -> str:
    """`text` with every run of white space as one space, and none at the ends."""
    return _WHITE_SPACE.sub(" ", text).strip()


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of `text` that hold something, with their 1-based number, one at a time.

    `text` has newlines only as line ends. Direction marks at the start of a line are left out.
    """
    number, start = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end == -1 else end
        number += 1
        line = text[start:end].strip()
        if line and MARKS.match(line):
            line = line[_LEADING_MARKS.match(line).end() :]
        if line:
            yield number, line
        start = end + 1


def after_heading(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines below the line that says only `Transcript`; all of them without one.

    Senders put a title, the people invited and a summary above it, not more than a few pages.
    """
    first_pages = islice(numbered_lines(text), _LONGEST_SUMMARY)
    heading = next((number for number, line in first_pages if _is_heading(line)), 0)
    return ((number, line) for number, line in numbered_lines(text) if number > heading)


def _is_heading(line: str) -> bool:
    return len(line) < 40 and line.strip("#*📖: \ufe0f").casefold() in _HEADINGS


def sample(text: str) -> list[str]:
    """The first lines below the heading: what a format may look at to know its own."""
    return [line for _, line in islice(after_heading(text), _SAMPLE)]


def gather(events: Iterable[Utterance | str]) -> Iterator[Utterance]:
    """Utterances with the lines that continue them.

    An Utterance begins one, a str continues the one before it; a str before the first Utterance
    belongs to a document's heading and is left out.
    """
    current: Utterance | None = None
    words: list[str] = []
    for event in events:
        if isinstance(event, str):
            if current:
                words.append(event)
            continue
        if current:
            yield current._replace(text=" ".join(words))
        current, words = event, [event.text]
    if current:
        yield current._replace(text=" ".join(words))
