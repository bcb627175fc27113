"""Transcripts and drafts for tests, without a parser."""

import uuid
from datetime import date

from decisionlog.extraction.drafts import Answer, Draft, Meeting, Precedent, Quote
from decisionlog.transcripts.transcript import Transcript, Turn, timestamp

MEETING = Meeting(title="Design review")


def transcript(*turns: tuple[str, str]) -> Transcript:
    """A transcript of (speaker, words), a turn every ten seconds."""
    text, built = "", []
    for index, (speaker, words) in enumerate(turns):
        head = f"[{timestamp(index * 10.0)}] {speaker}: "
        start = len(text) + len(head)
        text += f"{head}{words}\n"
        built.append(
            Turn(index, speaker, words, index * 10.0, index * 10.0 + 9, start, start + len(words))
        )
    return Transcript(text, tuple(built), "text")


def draft(quote: str, turn: int | None = None, statement: str = "A thing is settled.") -> Draft:
    return Draft(statement=statement, quotes=(Quote(quote, turn),))


def precedent(
    statement: str, *, approved: bool = False, similarity: float = 0.5, made_on=date(2026, 5, 4)
) -> Precedent:
    return Precedent(uuid.uuid4(), statement, made_on, approved, similarity)


class Scripted:
    """An extractor whose answers a function makes of the turns that it is given."""

    name = "scripted"
    model = None
    prompt_version = None

    def __init__(self, answer, input_tokens: int | None = None):
        self._answer = answer
        self.input_tokens = input_tokens
        self.calls: list[tuple[Turn, ...]] = []

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        self.calls.append(turns)
        return self._answer(turns)
