"""Texts whose turns begin on a line that opens with a time."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from decisionlog.transcripts.lines import Utterance, gather
from decisionlog.transcripts.speakers import UNKNOWN, known_speakers, split_speaker
from decisionlog.transcripts.times import Clock
from decisionlog.transcripts.transcript import UnreadableTranscript


class Opening(NamedTuple):
    """The first line of a turn, taken apart; the speaker may stand at the start of `rest`."""

    start: str
    end: str | None
    rest: str


def read_timed_lines(
    lines: Callable[[], Iterable[tuple[int, str]]], opening: Callable[[str], Opening | None]
) -> Iterator[Utterance]:
    """Utterances from numbered lines, which are read twice: to learn who speaks, and to read.

    Raises UnreadableTranscript at a line whose time cannot be one.
    """
    speakers = known_speakers(
        (split_speaker(found.rest) or (None,))[0]
        for _, line in lines()
        if (found := opening(line)) is not None
    )
    return gather(_events(lines(), opening, speakers))


def _events(
    lines: Iterable[tuple[int, str]],
    opening: Callable[[str], Opening | None],
    speakers: frozenset[str],
) -> Iterator[Utterance | str]:
    clock = Clock()
    for number, line in lines:
        found = opening(line)
        if found is None:
            yield line
            continue
        start = clock.seconds(found.start)
        end = clock.seconds(found.end) if found.end else None
        if start is None or (found.end and end is None):
            raise UnreadableTranscript("this is not a time of day or of a meeting", number)
        named = split_speaker(found.rest)
        speaker, words = named if named and named[0] in speakers else (UNKNOWN, found.rest)
        yield Utterance(speaker, words, start, end)
