from datetime import UTC, datetime

import pytest

from decisionlog.notify.weekly import next_monday


@pytest.mark.parametrize(
    ("after", "zone", "expected"),
    [
        ("2026-11-03T12:00", "UTC", "2026-11-09T08:00"),
        ("2026-11-09T07:59", "UTC", "2026-11-09T08:00"),
        ("2026-11-09T08:00", "UTC", "2026-11-16T08:00"),
        ("2026-11-08T23:30", "Asia/Tokyo", "2026-11-15T23:00"),
        ("2026-11-08T22:30", "Asia/Tokyo", "2026-11-08T23:00"),
        ("2026-11-09T08:30", "America/Sao_Paulo", "2026-11-09T11:00"),
        ("2026-03-23T12:00", "Europe/Lisbon", "2026-03-30T07:00"),
    ],
)
def test_monday_at_eight_is_that_of_the_reader(after, zone, expected):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    due = next_monday(moment, zone)
    assert due.astimezone(UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
