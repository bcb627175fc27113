"""A meeting as turns of speech, independent of the file that it came in."""

from dataclasses import dataclass


class UnreadableTranscript(ValueError):
    """The text is not a transcript in a known format.

    `line` is the 1-based line of the source that could not be read, or None when the
    whole text is at fault (it is empty, say).
    """

    def __init__(self, reason: str, line: int | None = None):
        self.reason = reason
        self.line = line
        super().__init__(f"line {line}: {reason}" if line else reason)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said without a break.

    `start` and `end` are seconds from the start of the meeting, None where the source has no
    times. `text` is `Transcript.text[char_start:char_end]`.
    """

    index: int
    speaker: str
    text: str
    start: float | None
    end: float | None
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """`text` is the canonical form, one line a turn: `[HH:MM:SS] Speaker: words`, without the
    bracket where there is no time. Character spans point into it, whatever the source was.
    """

    text: str
    turns: tuple[Turn, ...]
    format: str


def timestamp(seconds: float | None) -> str | None:
    """Seconds from the start of the meeting as `HH:MM:SS`, rounded down; None stays None."""
    if seconds is None:
        return None
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
