"""What search takes and gives."""

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from decisionlog.decisions import examples
from decisionlog.decisions.schemas import Decision
from decisionlog.http.pagination import PageQuery
from decisionlog.http.schemas import Output, Text


class SearchQuery(PageQuery):
    model_config = ConfigDict(json_schema_extra={"examples": [{"q": '"raft foundation" cost'}]})

    q: Annotated[Text, Field(max_length=1000)] = Field(description="what to look for")
    limit: int = Field(20, ge=1, le=100, description="rows a page, of each kind")


class Highlight(Output):
    """Where a word that was looked for stands in a field: characters, the end excluded."""

    field: Literal["decision_statement", "why", "quote", "who", "text"]
    start: int
    end: int


class FoundDecision(Output):
    decision: Decision
    highlights: list[Highlight]


class FoundPassage(Output):
    """What somebody said. `char_start` is where it begins in the transcript's canonical text."""

    transcript_id: uuid.UUID
    meeting_title: str | None
    meeting_date: date
    speaker: str
    timestamp: str | None = Field(description="HH:MM:SS from the start of the meeting")
    char_start: int
    text: str
    highlights: list[Highlight]


class SearchAnswer(Output):
    model_config = examples.of(
        {
            "decisions": [
                {
                    "decision": examples.DECISION,
                    "highlights": [{"field": "decision_statement", "start": 2, "end": 6}],
                }
            ],
            "total_decisions": 1,
            "passages": [examples.PASSAGE],
            "total_passages": 1,
            "limit": 20,
            "offset": 0,
        }
    )

    decisions: list[FoundDecision]
    total_decisions: int
    passages: list[FoundPassage]
    total_passages: int
    limit: int
    offset: int
