"""The digest of a project over a period."""

import uuid
from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from decisionlog.decisions import examples
from decisionlog.http.schemas import Day, Input, Output
from decisionlog.vocabulary import Discipline


class DigestQuery(Input):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"date_from": "2026-10-01", "date_to": "2026-10-31"}]}
    )

    date_from: Day | None = Field(None, description="first meeting date; a week ago if left out")
    date_to: Day | None = Field(None, description="last meeting date; today if left out")
    format: Literal["json", "md"] = "json"

    @model_validator(mode="after")
    def _in_order(self) -> "DigestQuery":
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("date_from must not lie after date_to")
        return self


class DigestProject(Output):
    id: uuid.UUID
    name: str


class Period(Output):
    date_from: date
    date_to: date


class Summary(Output):
    total_decisions: int
    total_meetings: int = Field(description="transcripts of the period")
    by_discipline: dict[Discipline, int]
    high_impact_decisions: int = Field(description="with impacts of two kinds or more")
    decisions_with_dissent: int = Field(description="where a discipline disagrees")


class Highlight(Output):
    """`type`: structure, cost, time, contested, reversed, waiting, review_due."""

    type: str
    count: int
    title: str
    description: str
    decision_ids: list[uuid.UUID]


class DigestAnomaly(Output):
    type: str
    severity: str
    description: str
    decision_id: uuid.UUID
    decision_statement: str


class Digest(Output):
    model_config = examples.of(examples.DIGEST)

    project: DigestProject
    period: Period
    summary: Summary
    highlights: list[Highlight]
    anomalies: list[DigestAnomaly]
