"""`Name: words`, a turn a line or a paragraph, without times."""

from collections.abc import Iterable, Iterator, Sequence

from decisionlog.transcripts.lines import Utterance, after_heading, gather
from decisionlog.transcripts.speakers import known_speakers, split_speaker

name = "named"
extensions = ("txt", "md")


def score(text: str, lines: Sequence[str]) -> int:
    return count_named(lines)


def count_named(lines: Iterable[str]) -> int:
    """How many of the lines open with a speaker."""
    candidates = [(split_speaker(line) or (None,))[0] for line in lines]
    speakers = known_speakers(candidates)
    return sum(candidate in speakers for candidate in candidates)


def parse(text: str) -> Iterator[Utterance]:
    speakers = known_speakers(
        (split_speaker(line) or (None,))[0] for _, line in after_heading(text)
    )
    return gather(_events(text, speakers))


def _events(text: str, speakers: frozenset[str]) -> Iterator[Utterance | str]:
    for _, line in after_heading(text):
        found = split_speaker(line)
        yield Utterance(*found) if found and found[0] in speakers else line
