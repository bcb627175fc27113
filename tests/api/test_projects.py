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


def test_who_begins_a_project_owns_it(as_architect, architect):
    response = as_architect.post("/projects", json={"name": " Quay House ", "description": "Flats"})
    assert response.status_code == 201
    body = response.get_json()
    assert (body["name"], body["description"]) == ("Quay House", "Flats")
    assert [(entry["id"], entry["role"]) for entry in body["members"]] == [
        (str(architect.id), "owner")
    ]
    assert as_architect.get(f"/projects/{body['id']}").status_code == 200


def test_a_client_begins_no_project(client):
    as_client = client.signed_in(factories.user(role="client"))
    assert_problem(as_client.post("/projects", json={"name": "Mine"}), 403, "permission_denied")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": ""}, "name"), ({"name": "a" * 201}, "name"), ({"id": "x"}, "id")],
)
def test_a_bad_project_is_refused(as_director, body, field):
    assert_problem(as_director.post("/projects", json=body), 422, "validation_error", field)


@pytest.fixture
def as_owner(client, project):
    owner = factories.user()
    factories.join(project, owner, "owner")
    return client.signed_in(owner)


def test_owners_and_directors_change_a_project(as_owner, as_director, as_architect, project):
    path = f"/projects/{project.id}"
    assert as_owner.patch(path, json={"name": "New"}).get_json()["name"] == "New"
    assert as_director.patch(path, json={"description": "d"}).get_json()["description"] == "d"
    assert_problem(as_architect.patch(path, json={"name": "x"}), 403, "permission_denied")
    assert_problem(as_owner.patch(path, json={}), 422, "validation_error")


def test_archiving_takes_a_director_and_hides_everything(as_owner, as_director, project):
    row = factories.decision(project)
    assert_problem(as_owner.delete(f"/projects/{project.id}"), 403, "permission_denied")
    assert as_director.delete(f"/projects/{project.id}").status_code == 204
    for path in (f"/projects/{project.id}", f"/decisions/{row.id}"):
        assert_problem(as_director.get(path), 404, "resource_not_found")


def test_a_member_comes_gets_another_role_and_goes(client, as_owner, project):
    person = factories.user()
    path = f"/projects/{project.id}/members/{person.id}"
    as_person = client.signed_in(person)
    added = as_owner.put(path, json={"role": "viewer"})
    assert added.status_code == 201
    assert added.get_json()["role"] == "viewer"
    assert as_person.get(f"/projects/{project.id}").status_code == 200
    changed = as_owner.put(path, json={"role": "owner"})
    assert changed.status_code == 200
    assert as_person.delete(path).status_code == 204
    assert_problem(as_person.get(f"/projects/{project.id}"), 404, "resource_not_found")
    assert_problem(as_owner.delete(path), 404, "resource_not_found")


def test_only_live_accounts_join_and_only_owners_let_them(as_owner, as_architect, project):
    closed = factories.user(deleted_at=clock.now())
    for user_id in (closed.id, uuid.uuid4()):
        response = as_owner.put(f"/projects/{project.id}/members/{user_id}", json={})
        assert_problem(response, 404, "resource_not_found")
    path = f"/projects/{project.id}/members/{factories.user().id}"
    assert_problem(as_architect.put(path, json={}), 403, "permission_denied")
    assert_problem(as_architect.delete(path), 403, "permission_denied")
    assert_problem(as_owner.put(path, json={"role": "king"}), 422, "validation_error", "role")
