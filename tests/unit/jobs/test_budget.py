"""Once the month's money is spent, transcripts wait, and say so."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.extraction.drafts import PermanentError
from decisionlog.jobs import budget
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs.reprocess import reprocess
from decisionlog.models import ExtractionRun, Transcript
from tests import factories

NOVEMBER = datetime(2026, 11, 24, 15, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
MODEL = "claude-sonnet-5-5"


@pytest.fixture
def spent(app, extractor, project):
    """A project whose month has cost 5 of 5 USD."""
    app.config["EXTRACTION_BUDGET_USD"] = Decimal(5)
    extractor.model = MODEL
    for cost in ("3.00", "2.00"):
        run = factories.run(factories.transcript(project, status="processed"))
        run.started_at, run.cost_usd = NOVEMBER.replace(day=2), Decimal(cost)
        db.session.commit()
    with time_machine.travel(NOVEMBER, tick=False):
        yield project


def fresh(transcript):
    db.session.expire_all()
    return db.session.get(Transcript, transcript.id)


def test_a_spent_budget_puts_transcripts_off_to_the_next_month(spent, extractor):
    transcript = factories.transcript(spent)
    assert job.run_next() is None
    row = fresh(transcript)
    assert (row.status, row.next_attempt_at, row.attempts) == ("pending", DECEMBER, 0)
    assert "EXTRACTION_BUDGET_USD" in row.last_error
    assert "2026-12-01" in row.last_error
    assert extractor.calls == []
    assert db.session.query(ExtractionRun).filter_by(transcript_id=transcript.id).all() == []


def test_the_next_month_goes_on_by_itself(spent, extractor):
    transcript = factories.transcript(spent)
    job.run_next()
    with time_machine.travel(DECEMBER, tick=False):
        job.run_next()
    assert (fresh(transcript).status, fresh(transcript).last_error) == ("processed", None)


def test_a_raised_budget_and_a_reprocess_go_on_at_once(app, spent, extractor):
    transcript = factories.transcript(spent)
    job.run_next()
    app.config["EXTRACTION_BUDGET_USD"] = Decimal("5.01")
    reprocess(transcript.id)
    db.session.commit()
    job.run_next()
    assert fresh(transcript).status == "processed"


def test_last_months_runs_do_not_count(app, spent, extractor):
    transcript = factories.transcript(spent)
    for run in db.session.query(ExtractionRun):
        run.started_at = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    db.session.commit()
    job.run_next()
    assert fresh(transcript).status == "processed"


def test_the_offline_extractor_costs_nothing_and_never_waits(spent, extractor):
    extractor.model = None
    transcript = factories.transcript(spent)
    job.run_next()
    assert fresh(transcript).status == "processed"


def test_no_budget_is_no_limit(app, spent, extractor):
    app.config["EXTRACTION_BUDGET_USD"] = None
    transcript = factories.transcript(spent)
    job.run_next()
    assert fresh(transcript).status == "processed"


def test_a_model_without_a_price_is_refused_under_a_budget(app, extractor):
    extractor.model = "claude-of-tomorrow"
    with pytest.raises(PermanentError, match="No price is known"):
        budget.require_room({"EXTRACTION_BUDGET_USD": Decimal(5)}, extractor, clock.now())


@pytest.mark.parametrize(
    ("moment", "after"),
    [
        (NOVEMBER, DECEMBER),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
        (DECEMBER, datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_months_follow_each_other(moment, after):
    assert budget.month_after(moment) == after
    assert budget.month_of(after) == after
