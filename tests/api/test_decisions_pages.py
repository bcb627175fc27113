"""GET /projects/{id}/decisions: order and pages."""

import base64
import json
from datetime import date, timedelta

import pytest

from decisionlog import clock
from decisionlog.extensions import db
from tests import factories
from tests.api.lists import ids
from tests.problems import assert_problem
from tests.statements import plan, recorded_statements

SORT_KEYS = ("meeting_date", "created_at", "confidence", "timestamp")


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_each_sort_key_works_both_ways(listing, project, key, order):
    moment = clock.now()
    made = [
        factories.decision(
            project,
            meeting_date=date(2026, 11, day),
            created_at=moment + timedelta(seconds=day),
            confidence=day / 10,
            timestamp_seconds=day,
        )
        for day in (2, 3, 1)
    ]
    rising = [str(made[index].id) for index in (2, 0, 1)]
    expected = rising if order == "asc" else rising[::-1]
    assert ids(listing(f"sort_by={key}&sort_order={order}")) == expected


def test_the_latest_meeting_comes_first_unless_asked_otherwise(listing, project):
    old = factories.decision(project, meeting_date=date(2026, 1, 1))
    new = factories.decision(project, meeting_date=date(2026, 2, 1))
    assert ids(listing()) == [str(new.id), str(old.id)]


@pytest.fixture
def fourteen_with_ties(project):
    for number in range(14):
        factories.decision(
            project,
            meeting_date=date(2026, 11, 1 + number % 3),
            confidence=(number % 2) / 3,
            timestamp_seconds=number % 4,
        )


@pytest.mark.usefixtures("fourteen_with_ties")
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_a_cursor_walks_every_row_once_in_order(listing, key, order):
    query = f"sort_by={key}&sort_order={order}"
    whole = ids(listing(f"{query}&limit=200"))
    body = listing(f"{query}&limit=4")
    walked = ids(body)
    while body["next_cursor"]:
        body = listing(f"{query}&limit=4&cursor={body['next_cursor']}")
        assert body["total"] == 14
        walked += ids(body)
    assert walked == whole
    assert len(set(walked)) == 14


@pytest.mark.usefixtures("fourteen_with_ties")
def test_offsets_walk_every_row_once(listing):
    walked = [
        found for offset in range(0, 16, 4) for found in ids(listing(f"limit=4&offset={offset}"))
    ]
    assert walked == ids(listing("limit=200"))


@pytest.mark.usefixtures("fourteen_with_ties")
def test_a_cursor_is_not_moved_by_rows_that_are_added(listing, project):
    before = ids(listing("limit=200"))
    first = listing("limit=5")
    factories.decision(project, meeting_date=date(2026, 12, 1))
    rest = listing(f"limit=200&cursor={first['next_cursor']}")
    assert ids(first) + ids(rest) == before
    assert rest["next_cursor"] is None


@pytest.mark.usefixtures("fourteen_with_ties")
def test_a_full_last_page_has_no_cursor(listing):
    assert listing("limit=14")["next_cursor"] is None
    assert listing("limit=13")["next_cursor"] is not None


def forged(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


A_ROW = "5d1f1f5e0c6b4b0c9a6f6c1f0a3b2c1d"
BY_DATE, BY_CREATION = "meeting_date desc", "created_at desc"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%C3%A4",
        forged([]),
        forged({"order": BY_DATE}),
        forged([BY_DATE, [], A_ROW]),
        forged([BY_DATE, ["2026-11-03"], A_ROW]),
        forged([BY_DATE, ["2026-11-03", 1, 2], A_ROW]),
        forged([BY_DATE, ["soon", 1], A_ROW]),
        forged([BY_DATE, ["2026-11-03", "9" * 40], A_ROW]),
        forged([BY_DATE, ["2026-11-03", None], A_ROW]),
        forged([BY_DATE, 7, A_ROW]),
        forged([BY_DATE, ["2026-11-03", 1], "not an id"]),
        forged(["confidence desc", [0.5], A_ROW]),
    ],
)
def test_a_cursor_that_was_not_made_here_is_refused(as_architect, project, cursor):
    response = as_architect.get(f"/projects/{project.id}/decisions?cursor={cursor}")
    assert_problem(response, 422, "validation_error", "cursor")


def test_a_forged_moment_without_time_zone_is_refused(as_architect, project):
    cursor = forged([BY_CREATION, ["2026-11-03T10:00:00"], A_ROW])
    response = as_architect.get(
        f"/projects/{project.id}/decisions?sort_by=created_at&cursor={cursor}"
    )
    assert_problem(response, 422, "validation_error", "cursor")


@pytest.mark.usefixtures("fourteen_with_ties")
def test_a_cursor_and_an_offset_exclude_each_other(as_architect, project, listing):
    cursor = listing("limit=5")["next_cursor"]
    response = as_architect.get(f"/projects/{project.id}/decisions?cursor={cursor}&offset=5")
    assert_problem(response, 422, "validation_error")


def test_a_page_costs_the_same_queries_however_long_it_is(as_architect, project):
    factories.decision(project)
    with recorded_statements() as few:
        as_architect.get(f"/projects/{project.id}/decisions")
    for _ in range(20):
        factories.decision(project)
    db.session.expire_all()
    with recorded_statements() as many:
        as_architect.get(f"/projects/{project.id}/decisions?limit=200")
    assert len(many) == len(few)
    # Its keys, its counts, and once more what no page has shown before.
    assert sum("FROM decisions" in statement for statement, _ in many) == 3
    with recorded_statements() as again:
        as_architect.get(f"/projects/{project.id}/decisions?limit=200")
    assert sum("FROM decisions" in statement for statement, _ in again) == 2


def test_a_page_shows_what_was_changed_since_it_was_read_before(as_director, project):
    kept, changed, deleted = (factories.decision(project) for _ in range(3))
    path = f"/projects/{project.id}/decisions"
    before = {entry["id"]: entry for entry in as_director.get(path).get_json()["decisions"]}
    as_director.patch(f"/decisions/{changed.id}", json={"decision_statement": "Another facade"})
    as_director.delete(f"/decisions/{deleted.id}")
    after = {entry["id"]: entry for entry in as_director.get(path).get_json()["decisions"]}
    assert after.keys() == {str(kept.id), str(changed.id)}
    assert after[str(kept.id)] == before[str(kept.id)]
    assert after[str(changed.id)]["decision_statement"] == "Another facade"


@pytest.mark.usefixtures("fourteen_with_ties")
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("meeting_date", "meeting_date"),
        ("created_at", "created_at"),
        ("confidence", "confidence"),
        ("timestamp", "timestamp_seconds"),
    ],
)
def test_a_page_reads_its_index_in_order(as_architect, project, listing, key, column, order):
    query = f"sort_by={key}&sort_order={order}&limit=5"
    cursor = listing(query)["next_cursor"]
    for path in (query, f"{query}&cursor={cursor}"):
        with recorded_statements() as seen:
            as_architect.get(f"/projects/{project.id}/decisions?{path}")
        [page] = [entry for entry in seen if "ORDER BY decisions" in entry[0]]
        how = plan(*page)
        assert f"ix_decisions_project_{column}" in how
        assert "TEMP B-TREE" not in how
        assert "Sort" not in how
