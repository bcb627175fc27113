"""What one attempt leaves behind: a row of `extraction_runs`, whether it went well or not."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from decisionlog import clock
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import ExtractionError, Extractor, RejectedDraft, Usage
from decisionlog.extraction.pipeline import Outcome
from decisionlog.jobs.leases import Lease
from decisionlog.models import ExtractionRun
from decisionlog.vocabulary import RunStatus


@dataclass(frozen=True, slots=True)
class Asked:
    """With what an attempt asks, and since when; by which batches, None where it asks directly."""

    extractor: str
    model: str | None
    prompt_version: str | None
    since: datetime
    batch_ids: tuple[str, ...] | None = None


def directly(extractor: Extractor) -> Asked:
    return Asked(extractor.name, extractor.model, extractor.prompt_version, clock.now())


def of_outcome(lease: Lease, asked: Asked, outcome: Outcome) -> ExtractionRun:
    run = _run(lease, asked, outcome.usage, outcome.cost_usd)
    run.status = outcome.status
    run.prompt_version = outcome.prompt_version
    run.parts = outcome.parts
    run.error = "; ".join(outcome.reasons) or None
    run.rejected = [_refused(rejected) for rejected in outcome.rejected]
    return run


def of_failure(lease: Lease, asked: Asked, error: ExtractionError) -> ExtractionRun:
    """The answers that came before the failure were paid for, so their tokens count."""
    cost = cost_usd(error.usage, asked.model, batch=bool(asked.batch_ids))
    run = _run(lease, asked, error.usage, cost)
    run.status = RunStatus.FAILED
    run.error = str(error)
    return run


def _run(lease: Lease, asked: Asked, usage: Usage, cost: Decimal | None) -> ExtractionRun:
    return ExtractionRun(
        transcript_id=lease.transcript_id,
        attempt=lease.attempt,
        extractor=asked.extractor,
        model=asked.model,
        prompt_version=asked.prompt_version,
        batch_ids=list(asked.batch_ids) if asked.batch_ids else None,
        started_at=asked.since,
        finished_at=clock.now(),
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cost_usd=cost,
    )


def _refused(rejected: RejectedDraft) -> dict[str, str | None]:
    quotes = rejected.draft.quotes
    return {
        "statement": rejected.draft.statement,
        # Made up by a model, so it may hold what PostgreSQL can't store.
        "quote": quotes[0].text.replace("\0", "") if quotes else None,
        "reason": rejected.reason,
    }
