"""What people send to change the record, and what tells them how it changed."""

import uuid
from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from decisionlog.decisions import examples
from decisionlog.decisions.schemas import Decision, Impact, Participant
from decisionlog.http.schemas import Day, Input, Line, Moment, Output, Text
from decisionlog.vocabulary import (
    Causation,
    DecisionStatus,
    Discipline,
    MeetingType,
    Position,
    ProjectRole,
    RelationshipType,
)

Statement = Annotated[Text, Field(min_length=1, max_length=2000)]
LongText = Annotated[Text, Field(max_length=5000)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
REVIEW_MAX = 200
# JSON has no undefined: a field that is named may not be null unless it may be emptied.
EMPTIABLE = {"review_on", "notes"}


class Verdict(Input):
    """`approved` true approves, false rejects; `status` says it in full. One of the two."""

    approved: bool | None = None
    status: DecisionStatus | None = None
    notes: LongText | None = Field(None, description="why, for the record")

    @property
    def verdict(self) -> DecisionStatus | None:
        if self.approved is None:
            return self.status
        return DecisionStatus.APPROVED if self.approved else DecisionStatus.REJECTED

    @model_validator(mode="after")
    def _says_it_once(self) -> "Verdict":
        if self.approved is not None and self.status is not None:
            raise ValueError("give approved or status, not both")
        return self


class DecisionChange(Verdict):
    """Only the fields that are named change. Who said what and when can't be changed: it is what
    the transcript says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"approved": True, "notes": "As agreed with the client."}]}
    )

    decision_statement: Statement | None = None
    discipline: Discipline | None = None
    why: LongText | None = None
    causation: Causation | None = None
    impacts: Annotated[list[Impact], Field(max_length=20)] | None = None
    consensus: dict[Discipline, Position] | None = None
    review_on: Day | None = Field(None, description="null: no day to look at it again")

    @model_validator(mode="after")
    def _changes_something(self) -> "DecisionChange":
        if not self.model_fields_set:
            raise ValueError("name at least one field to change")
        for name in self.model_fields_set - EMPTIABLE:
            if getattr(self, name) is None:
                raise ValueError(f"{name} can't be null")
        return self

    def text_fields(self) -> dict[str, Any]:
        """The fields that a member may change, as the database keeps them."""
        fields = self.model_fields_set - set(Verdict.model_fields)
        stored = self.model_dump(mode="json", include=fields - {"review_on"})
        return stored | ({"review_on": self.review_on} if "review_on" in fields else {})


class ManualDecision(Input):
    """A decision made outside a meeting."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision_statement": "The façade will be glazed brick.",
                    "who": "Ana Prado",
                    "discipline": "architecture",
                    "why": "The sample weathered best.",
                    "causation": "client_request",
                    "impacts": [{"type": "budget", "change": "+12,000"}],
                    "meeting_date": "2026-11-03",
                }
            ]
        }
    )

    decision_statement: Statement
    who: Name | None = Field(None, description="who decided; you, when left out")
    discipline: Discipline = Discipline.GENERAL
    why: LongText = ""
    causation: Causation = Causation.OTHER
    impacts: Annotated[list[Impact], Field(max_length=20)] = Field(default_factory=list)
    consensus: dict[Discipline, Position] = Field(default_factory=dict)
    review_on: Day | None = None
    meeting_title: Line | None = None
    meeting_type: MeetingType | None = None
    meeting_date: Day | None = Field(None, description="the day it was made; today, if left out")
    meeting_participants: Annotated[list[Participant], Field(max_length=200)] = Field(
        default_factory=list
    )


class Review(Verdict):
    """The same verdict on many decisions of a project: all of them, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision_ids": ["3f0c2a5e-6a0f-4b53-9d0e-0d4f6f0a7c11"],
                    "approved": True,
                    "notes": "Read in the Monday round.",
                }
            ]
        }
    )

    decision_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=REVIEW_MAX)]

    @model_validator(mode="after")
    def _has_a_verdict(self) -> "Review":
        if self.verdict is None:
            raise ValueError("give approved or status")
        return self


class Reviewed(Output):
    model_config = examples.of({"decisions": [examples.DECISION]})

    decisions: list[Decision]


class Change(Output):
    field: str
    old: Any
    new: Any


class Version(Output):
    """One change of a decision. Version 1 is its making, and has no changes."""

    version: int
    changed_by: uuid.UUID | None = Field(description="null: DecisionLog itself")
    changed_by_name: str | None
    changed_at: Moment
    changes: list[Change]


class History(Output):
    model_config = examples.of({"versions": [examples.VERSION]})

    versions: list[Version]


class RelationshipInput(Input):
    """This decision has triggered, reversed, … the other one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "triggered", "decision_id": "3f0c2a5e-6a0f-4b53-9d0e-0d4f6f0a7c11"}
            ]
        }
    )

    type: RelationshipType
    decision_id: uuid.UUID = Field(description="the other decision, of the same project")


class ChainLink(Output):
    """A decision on the way, and the relationship that leads there."""

    decision_id: uuid.UUID
    decision_statement: str
    meeting_date: date
    status: DecisionStatus
    type: RelationshipType
    via: uuid.UUID = Field(description="the decision before it on the way")
    depth: int = Field(description="relationships from the decision that was asked for")


class Chain(Output):
    model_config = examples.of(
        {"decision_id": examples.RAFT_ID, "causes": [], "consequences": [examples.CHAIN_LINK]}
    )

    decision_id: uuid.UUID
    causes: list[ChainLink] = Field(description="what led to it, the nearest first")
    consequences: list[ChainLink] = Field(description="what came of it, the nearest first")


class ProjectInput(Input):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Quay House", "description": "12 flats"}]}
    )

    name: Name
    description: LongText = ""


class ProjectChange(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Quay House II"}]})

    name: Name | None = None
    description: LongText | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "ProjectChange":
        if not {value for value in self.model_dump().values() if value is not None}:
            raise ValueError("name at least one field to change")
        return self


class MemberInput(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "member"}]})

    role: ProjectRole = ProjectRole.MEMBER
