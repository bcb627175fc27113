"""What may be spent on Claude in a calendar month (UTC)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from decisionlog.extensions import db
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import Extractor, PermanentError, Usage
from decisionlog.models import ExtractionRun, Transcript

RESERVED_PAUSE = timedelta(minutes=5)


class BudgetSpent(Exception):
    """No new run may start before `until`. Its text is shown to people."""

    def __init__(self, message: str, until: datetime):
        super().__init__(message)
        self.until = until


def require_room(settings: Mapping[str, Any], extractor: Extractor, now: datetime) -> None:
    """Let a run start only while the month's runs have cost less than the budget, the batches that
    are under way counted with the most that they may cost.

    A run that starts is finished, so each worker may overrun the budget by one. Raises BudgetSpent,
    and PermanentError where the price of the model is not known, since nothing could be counted.
    """
    budget = settings["EXTRACTION_BUDGET_USD"]
    if budget is None or extractor.model is None:
        return
    if cost_usd(Usage(input=1), extractor.model) is None:
        raise PermanentError(
            f"No price is known for {extractor.model}, so EXTRACTION_BUDGET_USD can't be kept;"
            " choose another EXTRACTION_MODEL or unset the budget"
        )
    month, until = month_of(now), month_after(now)
    spent = spent_since(month)
    if spent >= budget:
        raise BudgetSpent(
            f"This month's EXTRACTION_BUDGET_USD ({budget}) is spent: it goes on by itself on"
            f" {until:%Y-%m-%d}. To go on at once, raise the budget and reprocess.",
            until,
        )
    if spent + reserved_since(month) >= budget:
        raise BudgetSpent(
            f"What is left of this month's EXTRACTION_BUDGET_USD ({budget}) is kept for the batches"
            " under way: it goes on by itself once they have ended.",
            now + RESERVED_PAUSE,
        )


def spent_since(moment: datetime) -> Decimal:
    """USD that the runs begun since then have cost, failed ones too."""
    statement = select(func.sum(ExtractionRun.cost_usd)).where(ExtractionRun.started_at >= moment)
    return db.session.scalar(statement) or Decimal(0)


def reserved_since(moment: datetime) -> Decimal:
    """USD that the outstanding batches sent since then may cost at most."""
    statement = select(func.sum(Transcript.batch_reserved_usd)).where(
        Transcript.batch_sent_at >= moment
    )
    return db.session.scalar(statement) or Decimal(0)


def month_of(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(moment: datetime) -> datetime:
    years, month = divmod(moment.month, 12)
    return month_of(moment).replace(year=moment.year + years, month=month + 1)
