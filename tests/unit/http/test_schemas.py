"""Days and moments in requests are written out, as the OpenAPI document says."""

import pytest
from pydantic import TypeAdapter, ValidationError

from decisionlog.auth.schemas import AuditQuery
from decisionlog.decisions.bodies import DecisionChange
from decisionlog.decisions.digest_schemas import DigestQuery
from decisionlog.decisions.schemas import DecisionFilter
from decisionlog.http.schemas import Day

FIELDS = [
    (DigestQuery, "date_to"),
    (DecisionFilter, "date_from"),
    (DecisionFilter, "review_due"),
    (DecisionChange, "review_on"),
    (AuditQuery, "since"),
]
NUMBERS = ["0", "1700000000", "-2.2250738585072014e-308", 0, 1700000000.0, "٢٠٢٦-٠١-٣١", ""]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
@pytest.mark.parametrize(("model", "field"), FIELDS, ids=str)
def test_a_number_is_neither_day_nor_moment(model, field, number):
    with pytest.raises(ValidationError, match="must be written like 2026-01-31"):
        model.model_validate({field: number})


@pytest.mark.parametrize("text", ["2026-02-30", "2026-1-1", "2026-01-31T00:00:00", " 2026-01-31"])
def test_a_day_is_year_month_and_day(text):
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(text)
    assert TypeAdapter(Day).validate_python("2026-01-31").isoformat() == "2026-01-31"


def test_a_moment_needs_its_time_zone():
    assert AuditQuery(since="2026-01-31T12:00:00+01:00").since.isoformat().endswith("+01:00")
    with pytest.raises(ValidationError):
        AuditQuery(since="2026-01-31T12:00:00")
