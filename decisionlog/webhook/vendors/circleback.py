"""Circleback: the raw body's HMAC-SHA-256 in hex in `x-signature`.

Source: https://circleback.ai/docs/webhook-integration. Times are seconds from the start, a
meeting's `duration` is in seconds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from decisionlog.http.schemas import Text
from decisionlog.transcripts.transcript import timestamp
from decisionlog.webhook import proofs
from decisionlog.webhook.schemas import MeetingFields
from decisionlog.webhook.vendors.vendor import (
    SHORTEST_MEETING,
    Incoming,
    Name,
    Payload,
    Vendor,
    line,
    people,
)

SIGNATURE = "x-signature"
LONGEST_SECONDS = 7 * 24 * 3600


class CirclebackAttendee(Payload):
    name: Name = None
    email: Name = None


class CirclebackSegment(Payload):
    speaker: Name = None
    text: Text
    timestamp: float = Field(ge=0, le=LONGEST_SECONDS)


class CirclebackMeeting(Payload):
    """A meeting as Circleback posts it. `transcript` is there unless the automation leaves it
    out."""

    id: int
    name: Text | None = None
    createdAt: datetime  # noqa: N815 (the vendor's name)
    duration: float = Field(0, ge=0, le=LONGEST_SECONDS)
    attendees: list[CirclebackAttendee] = Field(default_factory=list, max_length=500)
    transcript: list[CirclebackSegment] = Field(min_length=1)


def is_proved(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    return proofs.is_hex_hmac(secrets, headers.get(SIGNATURE, ""), body)


def read(meeting: CirclebackMeeting) -> Incoming:
    return Incoming(
        external_id=str(meeting.id),
        transcript="\n".join(
            line(timestamp(said.timestamp), said.speaker, said.text) for said in meeting.transcript
        ),
        meeting=MeetingFields(
            meeting_id=str(meeting.id),
            meeting_title=(meeting.name or "")[:500] or None,
            meeting_date=meeting.createdAt.date(),
            duration_minutes=max(SHORTEST_MEETING, round(meeting.duration / 60)),
            participants=people((who.name, who.email) for who in meeting.attendees),
        ),
    )


VENDOR = Vendor(
    name="circleback",
    title="Circleback",
    secrets="CIRCLEBACK_WEBHOOK_SECRET",
    scheme="circleback_signature",
    is_proved=is_proved,
    payload=CirclebackMeeting,
    read=read,
)
