"""The main job by Message Batches, one step whenever the transcript is due: send, look, store.

Between two steps nobody holds the transcript: it is `pending`, its row says which batches it waits
for, and any worker takes the next step. Looking again is no attempt. An attempt is all or nothing,
as it is when Claude is asked directly: where a part of it fails, the next one sends anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from flask import current_app

from decisionlog import clock, transcripts
from decisionlog.extensions import db
from decisionlog.extraction.batching import Progress, progress
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import (
    Answer,
    Batcher,
    BatchGone,
    ExtractionError,
    Meeting,
    TransientError,
    Usage,
)
from decisionlog.extraction.pipeline import assemble
from decisionlog.jobs import attempts, batches, leases
from decisionlog.jobs.runs import Asked
from decisionlog.transcripts.transcript import Turn
from decisionlog.vocabulary import TranscriptStatus

log = structlog.get_logger()

LOOK_MAX_SECONDS = 600
# Anthropic ends a batch after a day, and an answer that was cut needs a second one.
GIVE_UP_AFTER = timedelta(days=3)

Results = Mapping[str, Answer | ExtractionError]


def is_wanted() -> bool:
    return current_app.config["EXTRACTION_MODE"] == "batch"


def step(
    lease: leases.Lease,
    extractor: Batcher,
    asked: Asked,
    read: Callable[[], tuple[transcripts.Transcript, Meeting]],
) -> float | None:
    """Go on from what `asked` has sent so far, nothing at first. `read` gives what is to be
    extracted: most looks find nothing that would need it.

    Returns the seconds until the next step, None where there is none. Raises LeaseLost, and
    ExtractionError where nothing new is known of what was sent: it is still to be looked for.
    """
    results: Results | None = {}
    try:
        if asked.batch_ids:
            results = leases.while_renewing(lease, lambda: _collect(extractor, asked.batch_ids))
    except BatchGone as error:
        return _end(lease, asked, error)
    except TransientError as error:
        return _look_later(lease, asked, error)
    if results is None:
        if not is_wanted():
            # Nobody wants to wait any more; what has been answered by now still counts.
            leases.while_renewing(lease, lambda: extractor.cancel(asked.batch_ids[-1]))
        return _look_later(lease, asked)
    transcript, meeting = read()
    try:
        reached = progress(transcript.turns, extractor.input_tokens, results)
    except ExtractionError as error:
        return _end(lease, asked, error)
    if reached.missing:
        return _ask_for_the_rest(lease, extractor, asked, reached, meeting)
    outcome = assemble(
        transcript,
        reached.told,
        usage=reached.usage,
        cost=cost_usd(reached.usage, asked.model, batch=True),
        extractor=asked.extractor,
        model=asked.model,
        prompt_version=asked.prompt_version,
    )
    attempts.finish(lease, extractor, asked, outcome, transcript)
    return None


def _collect(extractor: Batcher, batch_ids: tuple[str, ...]) -> Results | None:
    """What came of all parts; None while a batch is under way."""
    results: dict[str, Answer | ExtractionError] = {}
    for batch_id in batch_ids:
        found = extractor.collect(batch_id)
        if found is None:
            return None
        results |= found
    return results


def _ask_for_the_rest(
    lease: leases.Lease,
    extractor: Batcher,
    asked: Asked,
    reached: Progress,
    meeting: Meeting,
) -> float | None:
    same = (extractor.model, extractor.prompt_version) == (asked.model, asked.prompt_version)
    if asked.batch_ids and not (same and is_wanted()):
        reason = "Part of it is still to be asked about, and the settings have changed meanwhile"
        return _end(lease, asked, TransientError(reason, usage=reached.usage))
    return _send(lease, extractor, asked, reached.missing, meeting)


def _send(
    lease: leases.Lease,
    extractor: Batcher,
    asked: Asked,
    parts: Mapping[str, tuple[Turn, ...]],
    meeting: Meeting,
) -> float:
    batch_id = leases.while_renewing(lease, lambda: extractor.send(parts, meeting))
    asked = replace(asked, batch_ids=(*(asked.batch_ids or ()), batch_id))
    most = sum(map(extractor.at_most, parts.values()), Usage())
    reserved = cost_usd(most, asked.model, batch=True)
    try:
        delay = _wait(lease, timedelta(0), last_error=None, **batches.sent(asked, reserved))
    except Exception:
        # Nobody will ever look for this batch.
        db.session.rollback()
        extractor.cancel(batch_id)
        raise
    log.info("batch sent", batch_id=batch_id, parts=len(parts), look_in_seconds=delay)
    return delay


def _look_later(
    lease: leases.Lease, asked: Asked, error: TransientError | None = None
) -> float | None:
    age = clock.now() - asked.since
    if age > GIVE_UP_AFTER:
        return _end(lease, asked, error or TransientError("The batch has not ended for days"))
    if error is None:
        return _wait(lease, age, last_error=None)
    log.warning("batch not looked at", error=str(error))
    return _wait(lease, age, error.retry_after, last_error=str(error))


def _wait(
    lease: leases.Lease, age: timedelta, retry_after: float | None = None, **values: Any
) -> float:
    """Put the transcript back until the next look, `values` written with it, and commit.

    Returns the seconds until then: half of what the batch has taken so far, within bounds.
    """
    first = current_app.config["EXTRACTION_RETRY_SECONDS"]
    ceiling = max(first, min(age.total_seconds() / 2, LOOK_MAX_SECONDS))
    delay = attempts.pause(ceiling, retry_after)
    leases.release(
        lease,
        status=TranscriptStatus.PENDING,
        attempts=lease.attempt - 1,
        next_attempt_at=clock.now() + timedelta(seconds=delay),
        **values,
    )
    db.session.commit()
    return delay


def _end(lease: leases.Lease, asked: Asked, error: ExtractionError) -> float | None:
    """The attempt has failed, and nothing more is to come of its batches."""
    return attempts.give_up_or_retry(lease, asked, error, **batches.NOTHING_SENT)
