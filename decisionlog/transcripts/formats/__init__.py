"""The registry of transcript formats.

A format is a module here with

- `name`, which stands in `Transcript.format`, and `extensions`, the file names that hint at it;
- `score(text, lines)`: how many places look like this format's beginning of a turn; `lines` are
  the text's first ones, as `lines.sample` gives them;
- `parse(text)`: its utterances, in order; UnreadableTranscript where a line is at fault.

`text` has newlines only as line ends, no byte-order mark, and something in it.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from decisionlog.transcripts.formats import (
    bracketed,
    fireflies,
    google_meet,
    named,
    otter,
    srt,
    tactiq,
    vtt,
)
from decisionlog.transcripts.lines import Utterance, sample


class Format(Protocol):
    name: str
    extensions: tuple[str, ...]

    def score(self, text: str, lines: Sequence[str]) -> int: ...

    def parse(self, text: str) -> Iterator[Utterance]: ...


# The more particular comes first: it wins where two score the same.
FORMATS: tuple[Format, ...] = (
    vtt,
    srt,
    bracketed,
    tactiq,
    google_meet,
    fireflies,
    otter,
    named,
)


def detect(text: str, filename: str | None = None) -> Format | None:
    """The format that the text looks most like, None for none. `filename` settles a tie only."""
    extension = (filename or "").lower().rpartition(".")[2]
    lines = sample(text)
    scores = [(fmt.score(text, lines), extension in fmt.extensions, fmt) for fmt in FORMATS]
    best = max(scores, key=lambda scored: scored[:2])
    return best[2] if best[0] else None
