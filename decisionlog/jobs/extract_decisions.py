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
from decisionlog.extraction.pipeline import extract_decisions
from decisionlog.jobs import budget, leases, runs
from decisionlog.jobs import extractor as extractors
from decisionlog.jobs.enrich import enriched
from decisionlog.jobs.store import store_outcome
from decisionlog.models import Transcript
from decisionlog.vocabulary import TranscriptStatus

log = structlog.get_logger()

# Five attempts, the default, then last for an hour: outages of the API are seldom longer.
BACKOFF_FACTOR = 6
BACKOFF_MAX_SECONDS = 3600
RETRY_AFTER_MAX_SECONDS = 24 * 3600
random = secrets.SystemRandom()


def run_next() -> float | None:
    """Work on the transcript that is due first, if any.

    Returns the seconds after which a retry is due, None where no retry was planned.
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
    started_at = clock.now()
    extractor = extractors.from_settings(current_app.config)
    try:
        _extract_and_store(lease, extractor, started_at)
        return None
    except leases.LeaseLost:
        raise
    except budget.BudgetSpent as error:
        return _put_off(lease, error)
    except ExtractionError as error:
        failure = error
    except Exception as error:
        # A fault of ours may pass with the next release, or with a database that is back.
        log.exception("unexpected error in extraction")
        failure = TransientError(f"Unexpected {type(error).__name__}. The worker's log has it.")
    db.session.rollback()
    return _give_up_or_retry(lease, extractor, started_at, failure)


def _extract_and_store(lease: leases.Lease, extractor: Extractor, started_at: datetime) -> None:
    if lease.attempt > current_app.config["EXTRACTION_MAX_ATTEMPTS"]:
        raise PermanentError(
            "Every attempt ended without an answer, as if the worker had been killed."
            " See the worker's log, then reprocess."
        )
    budget.require_room(current_app.config, extractor, started_at)
    transcript, meeting = _read(lease)
    outcome = extract_decisions(
        transcript,
        meeting,
        extractor,
        parallel=current_app.config["EXTRACTION_PARALLEL"],
        on_part=lambda: leases.renew(lease),
        heartbeat=lease.seconds / 3,
    )
    outcome = enriched(lease, extractor, outcome)
    run = runs.of_outcome(lease, extractor, started_at, outcome)
    store_outcome(lease, run, outcome, transcript)
    log.info(
        "transcript processed",
        run_status=run.status,
        decisions=run.decision_count,
        rejected=len(run.rejected),
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
        cost_usd=None if run.cost_usd is None else str(run.cost_usd),
        seconds=round((clock.now() - started_at).total_seconds(), 3),
    )


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


def _put_off(lease: leases.Lease, error: budget.BudgetSpent) -> None:
    """Nothing was tried, so it does not count as an attempt."""
    leases.release(
        lease,
        status=TranscriptStatus.PENDING,
        attempts=lease.attempt - 1,
        last_error=str(error),
        next_attempt_at=error.until,
    )
    db.session.commit()
    log.warning("budget spent, transcript put off", until=clock.iso(error.until))


def _give_up_or_retry(
    lease: leases.Lease, extractor: Extractor, started_at: datetime, error: ExtractionError
) -> float | None:
    """Record the failed attempt. Returns the seconds until the next one, None if there is none."""
    last = lease.attempt >= current_app.config["EXTRACTION_MAX_ATTEMPTS"]
    final = last or isinstance(error, PermanentError)
    delay = None if final else backoff(lease.attempt, getattr(error, "retry_after", None))
    leases.release(
        lease,
        status=TranscriptStatus.FAILED if final else TranscriptStatus.PENDING,
        last_error=str(error),
        next_attempt_at=clock.now() + timedelta(seconds=delay or 0),
    )
    db.session.add(runs.of_failure(lease, extractor, started_at, error))
    if final:
        audit.record("transcript.failed", subject_id=lease.transcript_id)
    db.session.commit()
    log.warning("extraction failed", error=str(error), final=final, retry_in_seconds=delay)
    return delay


def backoff(attempt: int, retry_after: float | None) -> float:
    """Seconds until the next attempt: exponential, jittered, never before the service asks for it.

    What the service asks for counts up to a day.
    """
    first = current_app.config["EXTRACTION_RETRY_SECONDS"]
    ceiling = min(first * BACKOFF_FACTOR ** (attempt - 1), BACKOFF_MAX_SECONDS)
    asked = min(retry_after or 0, RETRY_AFTER_MAX_SECONDS)
    return max(random.uniform(ceiling / 2, ceiling), asked)
