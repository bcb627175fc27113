"""How an attempt ends: stored, tried again later, put off, or failed."""

import secrets
from datetime import timedelta
from typing import Any

import structlog
from flask import current_app

from decisionlog import audit, clock, transcripts
from decisionlog.extensions import db
from decisionlog.extraction.drafts import ExtractionError, Extractor, PermanentError
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs import leases, runs
from decisionlog.jobs.budget import BudgetSpent
from decisionlog.jobs.enrich import enriched
from decisionlog.jobs.store import store_outcome
from decisionlog.vocabulary import TranscriptStatus

log = structlog.get_logger()

# Five attempts, the default, then last for an hour: outages of the API are seldom longer.
BACKOFF_FACTOR = 6
BACKOFF_MAX_SECONDS = 3600
RETRY_AFTER_MAX_SECONDS = 24 * 3600
random = secrets.SystemRandom()


def finish(
    lease: leases.Lease,
    extractor: Extractor,
    asked: runs.Asked,
    outcome: Outcome,
    transcript: transcripts.Transcript,
) -> None:
    """Compare the outcome with the record and store it. Raises LeaseLost."""
    outcome = enriched(lease, extractor, outcome)
    run = runs.of_outcome(lease, asked, outcome)
    store_outcome(lease, run, outcome, transcript)
    log.info(
        "transcript processed",
        run_status=run.status,
        decisions=run.decision_count,
        rejected=len(run.rejected),
        input_tokens=run.input_tokens,
        output_tokens=run.output_tokens,
        cost_usd=None if run.cost_usd is None else str(run.cost_usd),
        seconds=round((clock.now() - asked.since).total_seconds(), 3),
    )


def put_off(lease: leases.Lease, error: BudgetSpent) -> None:
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


def give_up_or_retry(
    lease: leases.Lease, asked: runs.Asked, error: ExtractionError, **values: Any
) -> float | None:
    """Record the failed attempt, and `values` in the transcript's row.

    Returns the seconds until the next attempt, None if there is none. Raises LeaseLost.
    """
    last = lease.attempt >= current_app.config["EXTRACTION_MAX_ATTEMPTS"]
    final = last or isinstance(error, PermanentError)
    delay = None if final else backoff(lease.attempt, getattr(error, "retry_after", None))
    leases.release(
        lease,
        status=TranscriptStatus.FAILED if final else TranscriptStatus.PENDING,
        last_error=str(error),
        next_attempt_at=clock.now() + timedelta(seconds=delay or 0),
        **values,
    )
    db.session.add(runs.of_failure(lease, asked, error))
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
    return pause(min(first * BACKOFF_FACTOR ** (attempt - 1), BACKOFF_MAX_SECONDS), retry_after)


def pause(ceiling: float, retry_after: float | None) -> float:
    """Seconds between half of `ceiling` and all of it, or as many as the service asks for."""
    asked = min(retry_after or 0, RETRY_AFTER_MAX_SECONDS)
    return max(random.uniform(ceiling / 2, ceiling), asked)
