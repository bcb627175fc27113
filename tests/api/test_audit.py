"""GET /audit: what happened, for directors."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from flask import g
from sqlalchemy import select

from decisionlog import audit, clock
from decisionlog.extensions import db
from decisionlog.http.pagination import encode_cursor
from decisionlog.models import AuditEvent
from tests.api.test_auth import login
from tests.problems import assert_problem
from tests.statements import recorded_statements


@pytest.fixture
def week(app, architect):
    """Seven events, one a day; three are failures, two are the architect's."""
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False) as then:
        for number in range(7):
            event = "login.failed" if number % 3 == 0 else "login.succeeded"
            audit.record(event, user_id=architect.id if number < 2 else None, number=number)
            then.shift(timedelta(days=1))
        audit.record("logins", number=99)
        db.session.commit()


def numbers(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [entry["details"]["number"] for entry in answer.get_json()["events"]]


def test_the_newest_event_comes_first(week, as_director):
    assert numbers(as_director.get("/audit")) == [99, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("event=login.failed", [6, 3, 0]),
        ("event=login", [6, 5, 4, 3, 2, 1, 0]),
        ("event=log%25", []),
        ("since=2026-11-06T12:00:00Z", [99, 6, 5]),
        ("until=2026-11-02T12:00:00Z", [0]),
        ("since=2026-11-02T13:00:00%2B01:00&until=2026-11-03T12:00:00Z", [1]),
    ],
)
def test_events_are_filtered_by_name_and_time(week, as_director, query, expected):
    assert numbers(as_director.get(f"/audit?{query}")) == expected


def test_events_are_filtered_by_user(week, as_director, architect):
    assert numbers(as_director.get(f"/audit?user_id={architect.id}")) == [1, 0]


def test_a_cursor_leads_through_all_pages_once(week, as_director):
    seen, cursor = [], ""
    while cursor is not None:
        answer = as_director.get(f"/audit?limit=3{cursor}")
        seen += numbers(answer)
        following = answer.get_json()["next_cursor"]
        cursor = f"&cursor={following}" if following else None
    assert seen == [99, 6, 5, 4, 3, 2, 1, 0]


def test_events_of_one_moment_are_neither_lost_nor_doubled(app, as_director):
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
        for number in range(5):
            audit.record("tick", number=number)
        db.session.commit()
    first = as_director.get("/audit?limit=3&event=tick").get_json()
    rest = as_director.get(f"/audit?event=tick&cursor={first['next_cursor']}").get_json()
    ids = [entry["id"] for entry in first["events"] + rest["events"]]
    assert len(ids) == len(set(ids)) == 5


@pytest.mark.parametrize("moment", ["yesterday", 7, None, "0001-01-01T00:00:00+14:00"])
def test_a_cursor_of_no_moment_is_named(as_director, moment):
    cursor = encode_cursor("audit", moment, uuid.uuid4())
    answer = as_director.get(f"/audit?cursor={cursor}")
    assert_problem(answer, 422, "validation_error", "cursor")


def test_a_page_reads_one_row_more_than_it_shows(week, as_director):
    with recorded_statements() as seen:
        assert numbers(as_director.get("/audit?limit=3")) == [99, 6, 5]
    [(_, parameters)] = [each for each in seen if "FROM audit_events" in each[0]]
    values = parameters.values() if isinstance(parameters, dict) else parameters
    assert next(iter(values)) == 4


@pytest.mark.parametrize(
    "query", ["since=yesterday", "since=2026-11-01T12:00:00", "cursor=!", "x=1"]
)
def test_a_query_that_is_not_one_is_refused(as_director, query):
    assert_problem(as_director.get(f"/audit?{query}"), 422, "validation_error")


def test_who_is_no_director_may_not_read_it(as_architect):
    assert_problem(as_architect.get("/audit"), 403, "permission_denied")


def test_an_event_says_who_when_from_where_and_in_which_request(client, architect):
    answer = login(client, architect.email)
    row = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "login.succeeded"))
    assert row.user_id == architect.id
    assert row.ip == "10.0.0.1"
    assert row.request_id == answer.headers["X-Request-ID"]
    assert clock.now() - row.at < timedelta(minutes=1)


def test_an_event_of_the_command_line_has_no_address(app):
    assert "request_id" not in g
    audit.record("user.created")
    db.session.commit()
    row = db.session.scalar(select(AuditEvent))
    assert row.ip is None
    assert row.request_id is None
