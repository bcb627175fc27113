"""Begin a transcript anew, at a person's wish."""

import uuid

from flask import g
from sqlalchemy import and_, or_, update

from decisionlog import clock
from decisionlog.errors import Conflict, NotFound
from decisionlog.extensions import db
from decisionlog.models import Transcript
from decisionlog.vocabulary import TranscriptStatus


def reprocess(transcript_id: uuid.UUID) -> None:
    """Make a transcript due at once, with all its attempts before it: one that has ended, or one
    that waits for a later attempt. A batch that it waits for is looked at at once, and kept.

    Raises NotFound, or Conflict while it is due already or worked on.
    """
    now = clock.now()
    changed = db.session.execute(
        update(Transcript)
        .where(
            Transcript.id == transcript_id,
            or_(
                Transcript.status.in_((TranscriptStatus.PROCESSED, TranscriptStatus.FAILED)),
                and_(
                    Transcript.status == TranscriptStatus.PENDING,
                    Transcript.next_attempt_at > now,
                ),
            ),
        )
        .values(
            status=TranscriptStatus.PENDING,
            attempts=0,
            next_attempt_at=now,
            last_error=None,
            request_id=g.get("request_id"),
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 1:
        return
    if db.session.get(Transcript, transcript_id) is None:
        raise NotFound("There is no such transcript.")
    raise Conflict("The transcript is waiting or being worked on already.")
