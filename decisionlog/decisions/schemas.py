"""The record as it stands on the wire."""

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from decisionlog.decisions import examples
from decisionlog.http.pagination import CursorQuery
from decisionlog.http.schemas import CommaSeparated, Day, EmailAddress, Input, Moment, Output, Text
from decisionlog.vocabulary import (
    Causation,
    DecisionSource,
    DecisionStatus,
    Discipline,
    ImpactType,
    MeetingType,
    Position,
    ProjectRole,
    RelationshipType,
)

Many = Field(default_factory=list, max_length=50)


class Participant(Input):
    name: Annotated[Text, Field(min_length=1, max_length=200)]
    email: EmailAddress | None = None
    role: Annotated[Text, Field(max_length=200)] | None = None


class Attendee(Output):
    """Somebody who was there, as the meeting's sender named them."""

    name: str
    email: str | None = None
    role: str | None = None


class Impact(Input):
    type: ImpactType
    change: Annotated[Text, Field(max_length=500)]


class Evidence(Output):
    quote: str
    speaker: str
    timestamp: str | None = Field(description="HH:MM:SS from the start of the meeting")
    start: int = Field(description="first character in the transcript's canonical text")
    end: int = Field(description="the character after the last")


class AnomalyFlag(Output):
    type: str
    severity: str
    description: str


class Decision(Output):
    id: uuid.UUID
    project_id: uuid.UUID
    transcript_id: uuid.UUID | None
    decision_statement: str
    who: str
    timestamp: str | None = Field(description="HH:MM:SS from the start of the meeting")
    quote: str = Field(description="the words that were really said")
    discipline: Discipline
    why: str
    causation: Causation
    impacts: list[Impact]
    evidence: list[Evidence] = Field(description="the passages; the first is `quote`")
    consensus: dict[Discipline, Position]
    confidence: float = Field(ge=0, le=1)
    anomaly_flags: list[AnomalyFlag]
    consistency_notes: str
    status: DecisionStatus
    review_on: date | None = Field(description="the day to look at it again")
    source: DecisionSource
    approved: bool
    approved_by: uuid.UUID | None
    approved_at: Moment | None
    approval_notes: str
    meeting_title: str | None
    meeting_type: MeetingType | None
    meeting_date: date
    meeting_participants: list[Attendee]
    created_at: Moment
    updated_at: Moment


class Facets(Output):
    """How many decisions each value has, under the filters of the list."""

    disciplines: dict[Discipline, int]
    meeting_types: dict[MeetingType, int]
    statuses: dict[DecisionStatus, int]


class DecisionPage(Output):
    total: int
    limit: int
    offset: int
    next_cursor: str | None = Field(description="null on the last page")
    facets: Facets


class DecisionList(DecisionPage):
    model_config = examples.of(
        examples.page(
            "decisions",
            examples.DECISION,
            next_cursor=None,
            facets={
                "disciplines": {"structural": 1},
                "meeting_types": {"client": 1},
                "statuses": {"approved": 1},
            },
        )
    )

    decisions: list[Decision]


class DecisionFilter(Input):
    """Lists are comma-separated."""

    discipline: Annotated[list[Discipline], CommaSeparated] = Many
    disciplines: Annotated[list[Discipline], CommaSeparated] = Many
    meeting_type: Annotated[list[MeetingType], CommaSeparated] = Many
    who: Annotated[list[Text], CommaSeparated] = Many
    status: Annotated[list[DecisionStatus], CommaSeparated] = Many
    date_from: Day | None = Field(None, description="first meeting date, inclusive")
    date_to: Day | None = Field(None, description="last meeting date, inclusive")
    confidence_min: float | None = Field(None, ge=0, le=1)
    has_anomalies: bool | None = None
    search: Annotated[Text, Field(max_length=1000)] | None = None
    transcript_id: uuid.UUID | None = None
    review_due: Day | None = Field(None, description="to be looked at again by this day")
    sort_by: Literal["meeting_date", "created_at", "confidence", "timestamp"] = "meeting_date"
    sort_order: Literal["asc", "desc"] = "desc"


class DecisionQuery(CursorQuery, DecisionFilter):
    """Lists are comma-separated."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "proposed", "discipline": "structural,mep"}]}
    )


class ExportQuery(DecisionFilter):
    model_config = ConfigDict(json_schema_extra={"examples": [{"format": "csv"}]})

    format: Literal["csv", "json", "md", "zip"] = "csv"


class Excerpt(Output):
    """`start` and `end` count characters of the transcript's canonical text, `quote_start` and
    `quote_end` characters of `text`: there the quote stands to the letter."""

    text: str
    start: int
    end: int
    quote_start: int
    quote_end: int


class Meeting(Output):
    id: str | None = Field(description="the sender's id of the meeting")
    title: str | None
    type: MeetingType | None
    date: date
    duration_minutes: int | None
    participants: list[Attendee]


class SimilarDecision(Output):
    decision_id: uuid.UUID
    similarity_score: float = Field(ge=0, le=1)
    decision_statement: str


class Relationship(Output):
    model_config = examples.of(examples.RELATIONSHIP)

    id: uuid.UUID
    type: RelationshipType
    direction: Literal["outgoing", "incoming"] = Field(
        description="outgoing: this decision has triggered, reversed, … the other"
    )
    decision_id: uuid.UUID = Field(description="the other decision")
    decision_statement: str
    confirmed: bool = Field(description="false for a suggestion that nobody has confirmed yet")


class Successor(Output):
    decision_id: uuid.UUID
    decision_statement: str


class DecisionDetail(Decision):
    model_config = examples.of(examples.DETAIL)

    transcript_excerpt: Excerpt | None
    meeting: Meeting
    similar_decisions: list[SimilarDecision]
    relationships: list[Relationship]
    superseded_by: Successor | None = Field(description="what replaced a superseded decision")
    version: int


class Member(Output):
    model_config = examples.of(examples.MEMBER)

    id: uuid.UUID
    name: str
    email: str
    role: ProjectRole


class Project(Output):
    id: uuid.UUID
    name: str
    description: str
    created_at: Moment
    member_count: int
    decision_count: int
    latest_decision: date | None = Field(description="the latest meeting date with a decision")


class ProjectStats(Output):
    total_decisions: int
    decisions_last_week: int = Field(description="of meetings of the last seven days")
    decisions_by_discipline: dict[Discipline, int]
    decisions_by_meeting_type: dict[MeetingType, int]


class ProjectDetail(Project):
    model_config = examples.of(examples.PROJECT_DETAIL)

    members: list[Member]
    stats: ProjectStats


class ProjectList(Output):
    model_config = examples.of(examples.page("projects", examples.PROJECT))

    projects: list[Project]
    total: int
    limit: int
    offset: int


class Run(Output):
    """One attempt at extracting decisions. `rejected` are drafts whose quote does not stand in
    the transcript, each with the reason."""

    id: uuid.UUID
    attempt: int
    status: str
    extractor: str
    model: str | None
    prompt_version: str | None
    started_at: Moment
    finished_at: Moment
    batch_ids: list[str] | None = Field(
        description="the Message Batches that it asked by; null where it asked directly"
    )
    parts: int
    decision_count: int
    rejected: list[dict[str, str | None]]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None
    error: str | None


class Transcript(Output):
    id: uuid.UUID
    project_id: uuid.UUID
    source: str
    format: str
    meeting_id: str | None
    meeting_title: str | None
    meeting_type: MeetingType | None
    meeting_date: date
    duration_minutes: int | None
    participants: list[Attendee]
    status: str = Field(description="pending, processing, processed or failed")
    attempts: int
    next_attempt_at: Moment
    last_error: str | None
    batch_sent_at: Moment | None = Field(
        description="since when the answer of a Message Batch is waited for; null where none is"
    )
    batch_ids: list[str] | None = Field(description="Anthropic's ids of what is waited for")
    created_at: Moment
    processed_at: Moment | None


class TranscriptDetail(Transcript):
    runs: list[Run]
    decision_count: int


class TranscriptList(Output):
    transcripts: list[Transcript]
    total: int
    limit: int
    offset: int


class TranscriptReceipt(Output):
    status: Literal["queued", "duplicate"]
    transcript_id: uuid.UUID
    message: str | None = None


class IngestTokenInput(Input):
    name: Annotated[Text, Field(min_length=1, max_length=200)] = Field(
        description="what the token is for, as `Zapier, weekly meetings`"
    )


class IngestToken(Output):
    id: uuid.UUID
    project_id: uuid.UUID
    name: str
    created_by: uuid.UUID
    created_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


class NewIngestToken(IngestToken):
    token: str = Field(description="shown in this answer only")


class IngestTokenList(Output):
    ingest_tokens: list[IngestToken]
    total: int
    limit: int
    offset: int
