"""How the pipeline does, counted in the database: the same for every process that asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.jobs.leases import is_due
from decisionlog.models import ExtractionRun, Transcript
from decisionlog.vocabulary import TranscriptStatus


def transcripts_by_status() -> dict[str, int]:
    """Every status, those without a transcript too."""
    counted = select(Transcript.status, func.count()).group_by(Transcript.status)
    found = dict(db.session.execute(counted).all())
    return {status.value: found.get(status, 0) for status in TranscriptStatus}


def overdue_seconds() -> float:
    """For how long the transcript that has been due for longest has waited; 0 if none is due."""
    now = clock.now()
    since = db.session.scalar(select(func.min(Transcript.next_attempt_at)).where(is_due(now)))
    return 0.0 if since is None else (now - since).total_seconds()


def awaiting_batches() -> tuple[int, float]:
    """How many transcripts wait for a batch, and for how many seconds the first of them has."""
    under_way = Transcript.status.in_((TranscriptStatus.PENDING, TranscriptStatus.PROCESSING))
    statement = select(func.count(), func.min(Transcript.batch_sent_at)).where(
        Transcript.batch_sent_at.is_not(None), under_way
    )
    count, since = db.session.execute(statement).one()
    return count, 0.0 if since is None else (clock.now() - since).total_seconds()


def oldest_pending_seconds() -> float:
    """How long ago the oldest transcript that is pending came in; 0 if none is."""
    oldest = select(func.min(Transcript.created_at)).where(
        Transcript.status == TranscriptStatus.PENDING
    )
    since = db.session.scalar(oldest)
    return 0.0 if since is None else (clock.now() - since).total_seconds()


def last_run_at() -> datetime | None:
    """When an attempt at a transcript was begun last."""
    return db.session.scalar(select(func.max(ExtractionRun.started_at)))


def run_totals(since: datetime | None = None) -> Sequence[Row[Any]]:
    """Rows of (extractor, model, status, runs, decisions, input_tokens, output_tokens,
    cache_read_tokens, cache_write_tokens, cost_usd) over the runs begun since then, or all."""
    group = (ExtractionRun.extractor, ExtractionRun.model, ExtractionRun.status)
    statement = select(
        *group,
        func.count().label("runs"),
        func.sum(ExtractionRun.decision_count).label("decisions"),
        func.sum(ExtractionRun.input_tokens).label("input_tokens"),
        func.sum(ExtractionRun.output_tokens).label("output_tokens"),
        func.sum(ExtractionRun.cache_read_tokens).label("cache_read_tokens"),
        func.sum(ExtractionRun.cache_write_tokens).label("cache_write_tokens"),
        func.coalesce(func.sum(ExtractionRun.cost_usd), 0).label("cost_usd"),
    )
    if since is not None:
        statement = statement.where(ExtractionRun.started_at >= since)
    return db.session.execute(statement.group_by(*group).order_by(*group)).all()
