"""The main job: one due transcript becomes decisions, or a reason why not."""

import secrets
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import select

from decisionlog import audit, clock, transcripts
from decisionlog.extensions import db
from decisionlog.extraction.drafts import (
    ExtractionError,
    Extractor,
    Meeting,
    Participant,
    PermanentError,
    TransientError,
)
from decisionlog.extraction.pipeline import Outcome, extract_decisions
from decisionlog.jobs import extractor as extractors
from decisionlog.jobs import leases
from decisionlog.jobs.store import store_outcome
from decisionlog.models import ExtractionRun, Transcript
from decisionlog.vocabulary import RunStatus, TranscriptStatus

log = structlog.get_logger()

BACKOFF_SECONDS = 15
BACKOFF_MAX_SECONDS = 3600
random = secrets.SystemRandom()


def run_next() -> float | None:
    """Work on the transcript that is due first, if any.

    Returns the seconds after which a retry is due, None where no retry was planned.
    """
    lease = leases.claim_next(current_app.config["EXTRACTION_LEASE_SECONDS"])
    if lease is None:
        return None
    structlog.contextvars.bind_contextvars(transcript_id=str(lease.transcript_id))
    try:
        return _work(lease)
    except leases.LeaseLost:
        db.session.rollback()
        log.warning("lease lost, nothing stored", attempt=lease.attempt)
        return None
    finally:
        structlog.contextvars.unbind_contextvars("transcript_id")


def _work(lease: leases.Lease) -> float | None:
    started_at = clock.now()
    extractor = extractors.from_settings(current_app.config)
    if lease.attempt > current_app.config["EXTRACTION_MAX_ATTEMPTS"]:
        error = PermanentError(
            "Every attempt ended without an answer, as if the worker had been killed."
            " See the worker's log, then reprocess."
        )
        return _give_up_or_retry(lease, extractor, started_at, error)
    try:
        transcript, meeting = _read(lease)
        outcome = extract_decisions(
            transcript,
            meeting,
            extractor,
            parallel=current_app.config["EXTRACTION_PARALLEL"],
            on_part=lambda: leases.renew(lease),
            heartbeat=lease.seconds / 3,
        )
    except ExtractionError as error:
        return _give_up_or_retry(lease, extractor, started_at, error)
    except leases.LeaseLost:
        raise
    except Exception as error:
        # A fault of ours may pass with the next release or a database that is back.
        log.exception("unexpected error in extraction")
        db.session.rollback()
        reason = TransientError(f"Unexpected {type(error).__name__}. The worker's log has it.")
        return _give_up_or_retry(lease, extractor, started_at, reason)
    run = _run(lease, extractor, started_at)
    _fill(run, outcome)
    store_outcome(lease, run, outcome, transcript.text)
    log.info(
        "transcript processed",
        attempt=lease.attempt,
        run_status=run.status,
        decisions=run.decision_count,
        rejected=len(run.rejected),
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
    )
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


def _give_up_or_retry(
    lease: leases.Lease, extractor: Extractor, started_at: datetime, error: ExtractionError
) -> float | None:
    """Record the failed attempt. Returns the seconds until the next one, None if there is none."""
    last = lease.attempt >= current_app.config["EXTRACTION_MAX_ATTEMPTS"]
    final = last or isinstance(error, PermanentError)
    delay = None if final else _backoff(lease.attempt, getattr(error, "retry_after", None))
    run = _run(lease, extractor, started_at)
    run.status = RunStatus.FAILED
    run.error = str(error)
    leases.release(
        lease,
        status=TranscriptStatus.FAILED if final else TranscriptStatus.PENDING,
        last_error=str(error),
        next_attempt_at=clock.now() + timedelta(seconds=delay or 0),
    )
    db.session.add(run)
    if final:
        audit.record("transcript.failed", subject_id=lease.transcript_id)
    db.session.commit()
    log.warning(
        "extraction failed",
        attempt=lease.attempt,
        error=str(error),
        final=final,
        retry_in_seconds=delay,
    )
    return delay


def _backoff(attempt: int, retry_after: float | None) -> float:
    """Exponential with full jitter above half, never before the service asks for it."""
    ceiling = min(BACKOFF_SECONDS * 2 ** (attempt - 1), BACKOFF_MAX_SECONDS)
    return max(random.uniform(ceiling / 2, ceiling), retry_after or 0)


def _run(lease: leases.Lease, extractor: Extractor, started_at: datetime) -> ExtractionRun:
    return ExtractionRun(
        transcript_id=lease.transcript_id,
        attempt=lease.attempt,
        extractor=extractor.name,
        model=extractor.model,
        prompt_version=extractor.prompt_version,
        started_at=started_at,
        finished_at=clock.now(),
    )


def _fill(run: ExtractionRun, outcome: Outcome) -> None:
    run.status = outcome.status
    run.parts = outcome.parts
    run.error = "; ".join(outcome.reasons) or None
    run.decision_count = len(outcome.decisions)
    run.input_tokens = outcome.usage.input
    run.output_tokens = outcome.usage.output
    run.cache_read_tokens = outcome.usage.cache_read
    run.cache_write_tokens = outcome.usage.cache_write
    run.cost_usd = outcome.cost_usd
    run.rejected = [
        {
            "statement": rejected.draft.statement,
            "quote": rejected.draft.quotes[0].text if rejected.draft.quotes else None,
            "reason": rejected.reason,
        }
        for rejected in outcome.rejected
    ]
