"""GET /projects and /projects/{id}."""

import uuid
from datetime import timedelta

import pytest

from decisionlog import clock
from decisionlog.extensions import db
from tests import factories
from tests.problems import assert_problem, assert_same_bytes
from tests.statements import recorded_statements


def names(response):
    return [entry["name"] for entry in response.get_json()["projects"]]


def test_members_see_their_projects_and_directors_see_all(as_architect, as_director, project):
    other = factories.project(name="Somebody else's")
    assert names(as_architect.get("/projects")) == [project.name]
    assert set(names(as_director.get("/projects"))) == {project.name, other.name}


def test_projects_come_by_name_and_in_pages(as_director):
    for name in ("Quay", "Library", "School"):
        factories.project(name=name)
    assert names(as_director.get("/projects?limit=2")) == ["Library", "Quay"]
    second = as_director.get("/projects?limit=2&offset=2")
    assert names(second) == ["School"]
    body = second.get_json()
    assert (body["total"], body["limit"], body["offset"]) == (3, 2, 2)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("colour=red", "colour"),
    ],
)
def test_a_page_out_of_bounds_is_refused(as_director, query, field):
    assert_problem(as_director.get(f"/projects?{query}"), 422, "validation_error", field)


def test_a_project_shows_its_figures(as_architect, project, architect):
    today = clock.now().date()
    factories.decision(project, meeting_date=today, discipline="mep")
    factories.decision(project, meeting_date=today - timedelta(days=6), meeting_type="client")
    factories.decision(project, meeting_date=today - timedelta(days=7))
    factories.decision(project, meeting_date=today, meeting_type=None, source="manual")
    factories.decision(project, meeting_date=today, deleted_at=clock.now())
    body = as_architect.get(f"/projects/{project.id}").get_json()
    assert body["decision_count"] == 4
    assert body["latest_decision"] == today.isoformat()
    assert body["member_count"] == 1
    assert body["stats"] == {
        "total_decisions": 4,
        "decisions_last_week": 3,
        "decisions_by_discipline": {"mep": 1, "structural": 3},
        "decisions_by_meeting_type": {"client": 1, "internal": 2},
    }
    assert body["members"] == [
        {
            "id": str(architect.id),
            "name": architect.name,
            "email": architect.email,
            "role": "member",
        }
    ]


def test_a_closed_account_is_neither_listed_nor_counted(as_architect, project):
    factories.join(project, factories.user(deleted_at=clock.now()))
    body = as_architect.get(f"/projects/{project.id}").get_json()
    assert body["member_count"] == len(body["members"]) == 1


def test_a_client_counts_only_approved_decisions_of_client_meetings(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    factories.decision(project, meeting_type="client", status="approved", discipline="interior")
    factories.decision(project, meeting_type="client")
    factories.decision(project, meeting_type="internal", status="approved")
    as_client = client.signed_in(person)
    body = as_client.get(f"/projects/{project.id}").get_json()
    assert body["decision_count"] == body["stats"]["total_decisions"] == 1
    assert body["stats"]["decisions_by_discipline"] == {"interior": 1}
    assert as_client.get("/projects").get_json()["projects"][0]["decision_count"] == 1


def test_an_outsider_is_told_the_same_as_for_what_does_not_exist(as_architect):
    theirs = factories.project()
    archived = factories.project(archived_at=clock.now())
    nothing = as_architect.get(f"/projects/{uuid.uuid4()}")
    assert_problem(nothing, 404, "resource_not_found")
    for project in (theirs, archived):
        assert_same_bytes(as_architect.get(f"/projects/{project.id}"), nothing)
    assert_same_bytes(as_architect.get("/projects/not-a-uuid"), nothing)


def test_an_archived_project_is_not_even_a_directors(as_director):
    archived = factories.project(archived_at=clock.now())
    assert names(as_director.get("/projects")) == []
    assert as_director.get(f"/projects/{archived.id}").status_code == 404


def test_a_page_of_projects_costs_the_same_queries_however_many(as_director):
    factories.project()
    with recorded_statements() as few:
        as_director.get("/projects")
    for _ in range(5):
        factories.decision(factories.project())
    db.session.expire_all()
    with recorded_statements() as many:
        as_director.get("/projects")
    assert len(many) == len(few)
