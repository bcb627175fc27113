"""The main job: one due transcript becomes decisions, or a reason why not."""

import structlog
from flask import current_app
from sqlalchemy import select

from decisionlog import clock, transcripts
from decisionlog.extensions import db
from decisionlog.extraction.drafts import (
    Batcher,
    ExtractionError,
    Extractor,
    Meeting,
    Participant,
    PermanentError,
    TransientError,
)
from decisionlog.extraction.pipeline import extract_decisions
from decisionlog.jobs import attempts, batches, budget, extract_by_batch, leases, runs
from decisionlog.jobs import extractor as extractors
from decisionlog.models import Transcript

log = structlog.get_logger()


def run_next() -> float | None:
    """Work on the transcript that is due first, if any.

    Returns the seconds after which it is due again, None where it is not by itself.
    """
    lease = leases.claim_next(current_app.config["EXTRACTION_LEASE_SECONDS"])
    if lease is None:
        return None
    with structlog.contextvars.bound_contextvars(**lease.names()):
        began_at = clock.monotonic()
        log.info("extraction begins")
        try:
            return _work(lease)
        except leases.LeaseLost:
            db.session.rollback()
            log.warning("lease lost, nothing stored")
            return None
        finally:
            log.info("extraction ends", seconds=round(clock.monotonic() - began_at, 3))


def _work(lease: leases.Lease) -> float | None:
    extractor = extractors.from_settings(current_app.config)
    asked = runs.directly(extractor)
    try:
        if isinstance(extractor, Batcher):
            asked = batches.outstanding(lease, extractor.name) or asked
        return _extract(lease, extractor, asked)
    except leases.LeaseLost:
        raise
    except budget.BudgetSpent as error:
        return attempts.put_off(lease, error)
    except ExtractionError as error:
        failure = error
    except Exception as error:
        # A fault of ours may pass with the next release, or with a database that is back.
        log.exception("unexpected error in extraction")
        failure = TransientError(f"Unexpected {type(error).__name__}. The worker's log has it.")
    db.session.rollback()
    return attempts.give_up_or_retry(lease, asked, failure)


def _extract(lease: leases.Lease, extractor: Extractor, asked: runs.Asked) -> float | None:
    if lease.attempt > current_app.config["EXTRACTION_MAX_ATTEMPTS"]:
        raise PermanentError(
            "Every attempt ended without an answer, as if the worker had been killed."
            " See the worker's log, then reprocess."
        )
    if asked.batch_ids:
        return extract_by_batch.step(lease, extractor, asked, lambda: _read(lease))
    budget.require_room(current_app.config, extractor, asked.since)
    if isinstance(extractor, Batcher) and extract_by_batch.is_wanted():
        return extract_by_batch.step(lease, extractor, asked, lambda: _read(lease))
    transcript, meeting = _read(lease)
    outcome = extract_decisions(
        transcript,
        meeting,
        extractor,
        parallel=current_app.config["EXTRACTION_PARALLEL"],
        on_part=lambda: leases.renew(lease),
        heartbeat=lease.seconds / 3,
    )
    attempts.finish(lease, extractor, asked, outcome, transcript)
    return None


def _read(lease: leases.Lease) -> tuple[transcripts.Transcript, Meeting]:
    row = db.session.scalar(select(Transcript).where(Transcript.id == lease.transcript_id))
    meeting = Meeting(
        title=row.meeting_title,
        type=row.meeting_type,
        date=row.meeting_date,
        participants=tuple(Participant(**person) for person in row.participants),
    )
    content = row.content
    # No transaction may stay open while the network answers.
    db.session.rollback()
    try:
        return transcripts.parse(content), meeting
    except transcripts.UnreadableTranscript as error:
        raise PermanentError(f"The transcript can't be read: {error}") from error
