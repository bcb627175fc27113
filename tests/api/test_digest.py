"""GET /projects/{id}/digest, against three months counted by hand."""

from datetime import date

import pytest

from decisionlog import clock
from tests import factories
from tests.problems import assert_problem

TIME = {"type": "timeline", "change": "+2 weeks"}
MONEY = {"type": "budget", "change": "-40,000"}
RISK = {"type": "risk", "change": "lower"}
DISSENT = {"type": "high_dissent", "severity": "high", "description": "Two of three disagree"}


@pytest.fixture
def quarter(project):
    """July to September 2026: nine decisions of five meetings, with June and October around."""
    for day in ("2026-07-06", "2026-07-20", "2026-08-10", "2026-09-07", "2026-09-30"):
        factories.transcript(project, meeting_date=date.fromisoformat(day))
    for day in ("2026-06-30", "2026-10-01"):
        factories.transcript(project, meeting_date=date.fromisoformat(day))

    def decide(name, day, **fields):
        return factories.decision(
            project,
            decision_statement=name,
            meeting_date=date.fromisoformat(day),
            **{"discipline": "general", "status": "approved"} | fields,
        )

    made = {
        "piles": decide("piles", "2026-06-30", discipline="structural", impacts=[MONEY]),
        "raft": decide("raft", "2026-07-01", discipline="structural", impacts=[MONEY, TIME]),
        "steel": decide("steel", "2026-07-06", discipline="structural", status="proposed"),
        "duct": decide(
            "duct",
            "2026-07-20",
            discipline="mep",
            consensus={"mep": "AGREE", "structural": "DISAGREE"},
            anomaly_flags=[DISSENT],
            has_anomalies=True,
        ),
        "brick": decide("brick", "2026-08-10", discipline="architecture", impacts=[MONEY]),
        "glass": decide("glass", "2026-08-10", discipline="architecture", status="superseded"),
        "timber": decide("timber", "2026-09-07", discipline="structural", impacts=[TIME, RISK]),
        "lift": decide("lift", "2026-09-08", status="rejected", impacts=[TIME, TIME]),
        "paint": decide("paint", "2026-09-30", discipline="interior", status="proposed"),
        "signs": decide("signs", "2026-09-30", review_on=date(2026, 9, 1)),
        "rain": decide("rain", "2026-10-01", impacts=[TIME, MONEY], consensus={"mep": "DISAGREE"}),
    }
    decide("never", "2026-08-01", impacts=[TIME, MONEY], deleted_at=clock.now())
    factories.link(made["raft"], made["piles"], "reversed")
    factories.link(made["brick"], made["glass"], "supersedes")
    factories.link(made["rain"], made["paint"], "reversed")
    factories.link(made["timber"], made["steel"], "reversed", confirmed_at=None)
    return {str(row.id): name for name, row in made.items()}


@pytest.fixture
def digest(as_director, project):
    def get(query="date_from=2026-07-01&date_to=2026-09-30"):
        response = as_director.get(f"/projects/{project.id}/digest?{query}")
        assert response.status_code == 200, response.get_data(as_text=True)
        return response

    return get


def test_three_months_are_what_a_person_counts(quarter, digest, project):
    body = digest().get_json()
    assert body["project"] == {"id": str(project.id), "name": project.name}
    assert body["period"] == {"date_from": "2026-07-01", "date_to": "2026-09-30"}
    assert body["summary"] == {
        "total_decisions": 9,
        "total_meetings": 5,
        "by_discipline": {
            "structural": 3,
            "mep": 1,
            "architecture": 2,
            "general": 2,
            "interior": 1,
        },
        "high_impact_decisions": 2,
        "decisions_with_dissent": 1,
    }
    told = {
        found["type"]: [quarter[key] for key in found["decision_ids"]]
        for found in body["highlights"]
    }
    assert told == {
        "structure": ["raft", "steel", "timber"],
        "cost": ["raft", "brick"],
        "time": ["raft", "timber", "lift"],
        "contested": ["duct"],
        "reversed": ["piles", "glass"],
        "waiting": ["steel", "paint"],
        "review_due": ["signs"],
    }
    assert all(found["count"] == len(found["decision_ids"]) for found in body["highlights"])
    [anomaly] = body["anomalies"]
    assert anomaly | {"decision_id": quarter[anomaly["decision_id"]]} == {
        **DISSENT,
        "decision_id": "duct",
        "decision_statement": "duct",
    }


def test_the_same_as_markdown(quarter, digest, project):
    response = digest("date_from=2026-07-01&date_to=2026-09-30&format=md")
    assert response.mimetype == "text/markdown"
    text = response.get_data(as_text=True)
    assert text.startswith(f"# {project.name}: 2026-07-01 to 2026-09-30\n")
    assert "9 decisions in 5 meetings; 2 of high impact, 1 with dissent." in text
    assert "## Reversed or replaced (2)\n\n- piles\n- glass\n" in text
    assert "- high_dissent (high): Two of three disagree – duct" in text


def test_a_quiet_period_has_no_highlights(quarter, digest):
    body = digest("date_from=2025-01-01&date_to=2025-12-31").get_json()
    assert body["summary"]["total_decisions"] == 0
    assert body["highlights"] == []
    assert body["anomalies"] == []


def test_the_last_seven_days_are_meant_where_no_period_is_named(digest, project):
    today = clock.now().date()
    factories.decision(project, meeting_date=today)
    body = digest("").get_json()
    assert body["period"]["date_to"] == today.isoformat()
    assert body["summary"]["total_decisions"] == 1


@pytest.mark.parametrize(
    "query", ["date_from=soon", "date_from=2026-02-01&date_to=2026-01-01", "format=pdf"]
)
def test_a_bad_period_is_refused(as_director, project, query):
    response = as_director.get(f"/projects/{project.id}/digest?{query}")
    assert_problem(response, 422, "validation_error")


def test_the_digest_is_for_directors(as_architect, project):
    path = f"/projects/{project.id}/digest"
    assert_problem(as_architect.get(path), 403, "permission_denied")
    theirs = factories.project()
    nothing = as_architect.get(f"/projects/{theirs.id}/digest")
    assert_problem(nothing, 404, "resource_not_found")
