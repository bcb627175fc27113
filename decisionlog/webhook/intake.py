"""How a transcript gets in, whoever brings it: read, stored once, announced to the workers."""

import hashlib
import json
import uuid
from dataclasses import dataclass

import structlog
from flask import current_app, g
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from decisionlog import audit, clock, jobs
from decisionlog.errors import Conflict, Invalid
from decisionlog.extensions import db
from decisionlog.models import IngestToken, Transcript, User
from decisionlog.transcripts import UnreadableTranscript, recognise
from decisionlog.webhook.schemas import MeetingFields

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Receipt:
    transcript_id: uuid.UUID
    duplicate: bool


def take_in(
    project_id: uuid.UUID,
    text: str,
    meeting: MeetingFields,
    *,
    source: str,
    external_id: str | None = None,
    filename: str | None = None,
    uploaded_by: User | None = None,
    ingest_token: IngestToken | None = None,
) -> Receipt:
    """Commit a transcript and wake a worker; a repetition changes nothing.

    `source` and `external_id` name the delivery; without an id the content is its own name.
    Raises Invalid for an empty or unreadable transcript, Conflict where the name has come with
    other content before.
    """
    content_hash = _hash(project_id, text, meeting)
    external_id = external_id or content_hash
    known = _stored(source, external_id)
    if known is not None:
        return _repetition(known, content_hash)
    try:
        transcript_format = recognise(text, filename)
    except UnreadableTranscript as error:
        raise Invalid.field("transcript", str(error)) from error
    now = clock.now()
    transcript = Transcript(
        id=uuid.uuid4(),
        project_id=project_id,
        source=source,
        external_id=external_id,
        content_hash=content_hash,
        content=text,
        format=transcript_format,
        uploaded_by=uploaded_by.id if uploaded_by else None,
        meeting_id=meeting.meeting_id,
        meeting_title=meeting.meeting_title,
        meeting_type=meeting.meeting_type,
        meeting_date=meeting.meeting_date or now.date(),
        duration_minutes=meeting.duration_minutes,
        participants=[person.model_dump() for person in meeting.participants],
        next_attempt_at=now,
        request_id=g.get("request_id"),
    )
    transcript_id = transcript.id
    db.session.add(transcript)
    audit.record(
        "transcript.received",
        user_id=uploaded_by.id if uploaded_by else None,
        project_id=project_id,
        subject_id=transcript_id,
        source=source,
        **({"ingest_token": str(ingest_token.id)} if ingest_token else {}),
    )
    try:
        db.session.commit()
    except IntegrityError:
        # Another delivery of the same name got in between the look and the leap.
        db.session.rollback()
        winner = _stored(source, external_id)
        if winner is None:
            raise
        return _repetition(winner, content_hash)
    log.info("transcript received", transcript_id=str(transcript_id), source=source)
    jobs.wake(current_app)
    return Receipt(transcript_id, duplicate=False)


def _hash(project_id: uuid.UUID, text: str, meeting: MeetingFields) -> str:
    fields = meeting.model_dump(mode="json", include=set(MeetingFields.model_fields))
    content = json.dumps([str(project_id), text, fields], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _stored(source: str, external_id: str) -> Transcript | None:
    return db.session.scalar(
        select(Transcript).where(Transcript.source == source, Transcript.external_id == external_id)
    )


def _repetition(known: Transcript, content_hash: str) -> Receipt:
    if known.content_hash != content_hash:
        raise Conflict("This webhook_id has been used for another transcript.")
    return Receipt(known.id, duplicate=True)
