"""What Claude is asked, and what its answer says: requests out of turns, drafts out of JSON.

Needs neither the SDK nor a key, so that requests can be looked at, kept, and answered elsewhere.
"""

import datetime
import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from decisionlog.extraction.drafts import Draft, Impact, Meeting, Quote
from decisionlog.transcripts.transcript import Turn
from decisionlog.vocabulary import Causation, Discipline, ImpactType, Position

PROMPT_VERSION = "decisions.v3"
MAX_OUTPUT_TOKENS = 20_000
_LINE_HEAD = re.compile(r"^\s*\d+ [^:\n]{1,80}: ", re.MULTILINE)


class Shape(BaseModel):
    """Every field is required: the API wants closed objects, and counts optional fields."""

    model_config = ConfigDict(extra="forbid")


class _Quote(Shape):
    turn: int = Field(description="number of the turn where the quote begins")
    text: str = Field(description="copied letter for letter from the transcript")


class _Impact(Shape):
    type: ImpactType
    change: str


class _Stand(Shape):
    discipline: Discipline
    position: Position


class _Decision(Shape):
    quotes: list[_Quote] = Field(description="first the one that settles the decision")
    statement: str
    why: str
    discipline: Discipline
    causation: Causation
    impacts: list[_Impact]
    consensus: list[_Stand]
    review_on: str | None = Field(description="YYYY-MM-DD or null")


class _Answer(Shape):
    decisions: list[_Decision]


@cache
def prompt(version: str = PROMPT_VERSION) -> str:
    """The instructions, the same for every call, so that the API can cache them."""
    path = Path(__file__).parent / "prompts" / f"{version}.md"
    return path.read_text(encoding="utf-8").strip()


@cache
def answer_schema() -> dict[str, Any]:
    """The JSON schema of an answer, within what the API's structured outputs accept."""
    return without_notes(_Answer.model_json_schema())


def request(
    turns: tuple[Turn, ...],
    meeting: Meeting,
    model: str,
    max_output_tokens: int = MAX_OUTPUT_TOKENS,
) -> dict[str, Any]:
    """The body of the Messages API call that asks for the decisions in `turns`.

    The data stands between tags whose name is random in each call, so that no transcript can
    close them.
    """
    tag = f"transcript-{secrets.token_hex(4)}"
    said = "\n".join(
        f"{turn.index} {one_line(turn.speaker)}: {one_line(turn.text)}" for turn in turns
    )
    about = _about(meeting)
    return {
        "model": model,
        "max_tokens": max_output_tokens,
        "system": [
            {"type": "text", "text": prompt(), "cache_control": {"type": "ephemeral"}},
        ],
        "messages": [{"role": "user", "content": f"<{tag}>\n{about}{said}\n</{tag}>"}],
        "output_config": {"format": {"type": "json_schema", "schema": answer_schema()}},
    }


def parse_answer(text: str) -> tuple[Draft, ...]:
    """The drafts in an answer of the form of `answer_schema`. Raises ValueError for any other."""
    return tuple(_draft(decision) for decision in _Answer.model_validate_json(text).decisions)


def _draft(decision: _Decision) -> Draft:
    return Draft(
        statement=one_line(decision.statement),
        quotes=tuple(Quote(_without_heads(q.text), q.turn) for q in decision.quotes),
        discipline=decision.discipline,
        why=one_line(decision.why),
        causation=decision.causation,
        impacts=tuple(Impact(impact.type, one_line(impact.change)) for impact in decision.impacts),
        consensus={stand.discipline: stand.position for stand in decision.consensus},
        review_on=_date(decision.review_on),
    )


def _about(meeting: Meeting) -> str:
    """What is known of the meeting, a line each, set off from the turns by an empty line."""
    people = (f"{p.name} ({p.role})" if p.role else p.name for p in meeting.participants)
    known = {
        "Meeting": meeting.title,
        "Type": meeting.type,
        "Date": meeting.date and meeting.date.isoformat(),
        "Participants": "; ".join(people),
    }
    lines = [f"{name}: {one_line(value)}\n" for name, value in known.items() if value]
    return "".join([*lines, "\n"]) if lines else ""


def one_line(text: str) -> str:
    """Text on one line, without control characters (a database may refuse NUL)."""
    visible = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join(visible.split())


def _without_heads(quote: str) -> str:
    """A quote of several lines without the turn numbers and speakers that may have come along."""
    return _LINE_HEAD.sub("", quote) if "\n" in quote.strip() else quote


def _date(text: str | None) -> datetime.date | None:
    """A day that doesn't exist counts as no day: it is not worth losing the answer for."""
    try:
        return datetime.date.fromisoformat(text or "")
    except ValueError:
        return None


def without_notes(schema: Any) -> Any:
    """A schema without pydantic's titles and docstrings of models, which only cost tokens."""
    if isinstance(schema, list):
        return [without_notes(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    named = "properties" in schema or "enum" in schema
    drop = {"title", "description"} if named else {"title"}
    return {key: without_notes(value) for key, value in schema.items() if key not in drop}
