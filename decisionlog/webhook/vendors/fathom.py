"""Fathom: Standard Webhooks, with the whole transcript where the webhook includes it.

Source: https://developers.fathom.ai/webhooks and its API reference, "New meeting content ready".
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from decisionlog.http.schemas import Text
from decisionlog.webhook import proofs
from decisionlog.webhook.schemas import MeetingFields
from decisionlog.webhook.vendors.vendor import (
    Incoming,
    Name,
    Payload,
    Vendor,
    line,
    minutes,
    people,
)


class FathomSpeaker(Payload):
    display_name: Name = None


class FathomSegment(Payload):
    speaker: FathomSpeaker
    text: Text
    timestamp: Annotated[str, Field(pattern=r"^\d{1,3}(:\d{2}){1,2}$")]


class FathomInvitee(Payload):
    name: Name = None
    email: Name = None


class FathomMeeting(Payload):
    """A meeting as Fathom posts it. `transcript` is there when the webhook includes it."""

    recording_id: int
    title: Text | None = None
    meeting_title: Text | None = None
    recording_start_time: datetime
    recording_end_time: datetime
    calendar_invitees: list[FathomInvitee] = Field(default_factory=list, max_length=500)
    transcript: list[FathomSegment] = Field(min_length=1)


def read(meeting: FathomMeeting) -> Incoming:
    return Incoming(
        external_id=str(meeting.recording_id),
        transcript="\n".join(
            line(said.timestamp, said.speaker.display_name, said.text)
            for said in meeting.transcript
        ),
        meeting=MeetingFields(
            meeting_id=str(meeting.recording_id),
            meeting_title=(meeting.meeting_title or meeting.title or "")[:500] or None,
            meeting_date=meeting.recording_start_time.date(),
            duration_minutes=minutes(meeting.recording_start_time, meeting.recording_end_time),
            participants=people((who.name, who.email) for who in meeting.calendar_invitees),
        ),
    )


VENDOR = Vendor(
    name="fathom",
    title="Fathom",
    secrets="FATHOM_WEBHOOK_SECRET",
    scheme="standard_webhooks",
    is_proved=proofs.is_standard,
    payload=FathomMeeting,
    read=read,
)
