"""What one attempt leaves behind: a row of `extraction_runs`, whether it went well or not."""

from datetime import datetime

from decisionlog import clock
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import ExtractionError, Extractor, RejectedDraft, Usage
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs.leases import Lease
from decisionlog.models import ExtractionRun
from decisionlog.vocabulary import RunStatus


def of_outcome(
    lease: Lease, extractor: Extractor, started_at: datetime, outcome: Outcome
) -> ExtractionRun:
    run = _run(lease, extractor, started_at, outcome.usage)
    run.status = outcome.status
    run.prompt_version = outcome.prompt_version
    run.parts = outcome.parts
    run.error = "; ".join(outcome.reasons) or None
    run.rejected = [_refused(rejected) for rejected in outcome.rejected]
    return run


def of_failure(
    lease: Lease, extractor: Extractor, started_at: datetime, error: ExtractionError
) -> ExtractionRun:
    """The answers that came before the failure were paid for, so their tokens count."""
    run = _run(lease, extractor, started_at, error.usage)
    run.status = RunStatus.FAILED
    run.error = str(error)
    return run


def _run(lease: Lease, extractor: Extractor, started_at: datetime, usage: Usage) -> ExtractionRun:
    return ExtractionRun(
        transcript_id=lease.transcript_id,
        attempt=lease.attempt,
        extractor=extractor.name,
        model=extractor.model,
        prompt_version=extractor.prompt_version,
        started_at=started_at,
        finished_at=clock.now(),
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cost_usd=cost_usd(usage, extractor.model),
    )


def _refused(rejected: RejectedDraft) -> dict[str, str | None]:
    quotes = rejected.draft.quotes
    return {
        "statement": rejected.draft.statement,
        # Made up by a model, so it may hold what PostgreSQL can't store.
        "quote": quotes[0].text.replace("\0", "") if quotes else None,
        "reason": rejected.reason,
    }
