"""A transcript as it comes in."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from spectree.model_adapter.pydantic_adapter import BaseFile

from decisionlog.decisions.schemas import Participant
from decisionlog.http.schemas import Text
from decisionlog.vocabulary import MeetingType

MAX_MINUTES = 7 * 24 * 60


def _day(value: Any) -> Any:
    """Senders give a date or a moment; the day is what counts, in the sender's own time zone."""
    if isinstance(value, str) and len(value) > len("2026-01-31"):
        return datetime.fromisoformat(value).date()
    return value


class ParticipantIn(Participant):
    # A sender may add what we do not know yet: that is no reason to lose a transcript.
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class MeetingFields(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    meeting_id: Annotated[Text, Field(max_length=255)] | None = None
    meeting_title: Annotated[Text, Field(max_length=500)] | None = None
    meeting_type: MeetingType | None = None
    meeting_date: Annotated[date, BeforeValidator(_day)] | None = Field(
        None, description="a date or a moment; the day of the delivery where it is missing"
    )
    duration_minutes: int | None = Field(None, ge=0, le=MAX_MINUTES)
    participants: list[ParticipantIn] = Field(default_factory=list, max_length=500)


class TranscriptDelivery(MeetingFields):
    """What the signed webhook takes. Fields that it does not know are ignored."""

    webhook_id: Annotated[Text, Field(min_length=1, max_length=255)] = Field(
        description="the same for every repetition of one delivery"
    )
    project_id: uuid.UUID
    transcript: Annotated[Text, Field(min_length=1)]


class TranscriptUpload(MeetingFields):
    """What a person hands in as JSON."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    transcript: Annotated[Text, Field(min_length=1)]


class TranscriptFile(MeetingFields):
    """What a person hands in as a form: a file and, where known, the meeting's fields."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    file: BaseFile
    participants: list[ParticipantIn] = Field(default_factory=list, max_length=0)
