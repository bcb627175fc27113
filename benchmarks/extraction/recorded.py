"""Requests to Claude written to files, and answers from files instead of from Claude.

A part of a meeting is `MEETING.part1.json`, `MEETING.part2.json`… in both directions. An answer is
what the Messages API returned, or only the JSON text in it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.extraction.meetings import AnnotatedMeeting
from decisionlog.extraction.chunking import Part, split
from decisionlog.extraction.claude import DEFAULT_MODEL, INPUT_TOKENS
from decisionlog.extraction.drafts import Answer, Meeting, PermanentError, Usage
from decisionlog.extraction.prompting import PROMPT_VERSION, parse_answer, request
from decisionlog.transcripts.transcript import Turn


class RecordedExtractor:
    """An `Extractor` that reads the answers of one meeting's parts."""

    name = "claude"
    prompt_version = PROMPT_VERSION
    input_tokens = INPUT_TOKENS

    def __init__(self, folder: Path, annotated: AnnotatedMeeting, model: str = DEFAULT_MODEL):
        self.model = model
        self._files = {part.turns: folder / name for name, part in _parts(annotated)}

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        """Raises PermanentError where the answer is missing, was cut or has another form."""
        path = self._files.get(turns)
        if path is None or not path.exists():
            raise PermanentError(
                f"no recorded answer for turns {turns[0].index} to {turns[-1].index}"
            )
        content = json.loads(path.read_text("utf-8"))
        text, usage = _message(content) if "content" in content else (json.dumps(content), Usage())
        try:
            return Answer(parse_answer(text), usage)
        except ValueError as error:
            raise PermanentError(f"{path.name} is not an answer: {error}") from error


def is_recorded(folder: Path, annotated: AnnotatedMeeting) -> bool:
    """Whether the first part of the meeting was answered."""
    return (folder / _name(annotated, 1)).exists()


def write_requests(folder: Path, annotated: AnnotatedMeeting, model: str = DEFAULT_MODEL) -> None:
    """The exact bodies that `ClaudeExtractor` sends for the meeting."""
    for name, part in _parts(annotated):
        body = request(part.turns, annotated.meeting, model)
        (folder / name).write_text(json.dumps(body, indent=1, ensure_ascii=False), "utf-8")


def _parts(annotated: AnnotatedMeeting) -> Iterator[tuple[str, Part]]:
    parts = split(annotated.transcript.turns, INPUT_TOKENS)
    for number, part in enumerate(parts, start=1):
        yield _name(annotated, number), part


def _name(annotated: AnnotatedMeeting, number: int) -> str:
    return f"{annotated.id}.part{number}.json"


def _message(message: dict) -> tuple[str, Usage]:
    text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
    used = message.get("usage", {})
    return text, Usage(
        input=used.get("input_tokens") or 0,
        output=used.get("output_tokens") or 0,
        cache_read=used.get("cache_read_input_tokens") or 0,
        cache_write=used.get("cache_creation_input_tokens") or 0,
    )
