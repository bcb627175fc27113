"""Begin a transcript anew, at a person's wish."""

import uuid

from sqlalchemy import update

from decisionlog import clock
from decisionlog.errors import Conflict, NotFound
from decisionlog.extensions import db
from decisionlog.models import Transcript
from decisionlog.vocabulary import TranscriptStatus


def reprocess(transcript_id: uuid.UUID) -> None:
    """Make an ended transcript pending again, with all its attempts before it.

    Raises NotFound, or Conflict while it is waiting or worked on.
    """
    ended = (TranscriptStatus.PROCESSED, TranscriptStatus.FAILED)
    changed = db.session.execute(
        update(Transcript)
        .where(Transcript.id == transcript_id, Transcript.status.in_(ended))
        .values(
            status=TranscriptStatus.PENDING,
            attempts=0,
            next_attempt_at=clock.now(),
            last_error=None,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 1:
        return
    if db.session.get(Transcript, transcript_id) is None:
        raise NotFound("There is no such transcript.")
    raise Conflict("The transcript is waiting or being worked on already.")
