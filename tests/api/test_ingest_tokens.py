"""Ingest tokens: shown once, good for one project's transcripts, revocable."""

import pytest
from sqlalchemy import select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, IngestToken, Transcript
from tests import factories

SPEECH = "[00:00:05] Ana: Good morning.\n[00:00:09] Rui: Agreed, we go with steel.\n"


@pytest.fixture
def path(project):
    return f"/projects/{project.id}/ingest-tokens"


@pytest.fixture
def made(as_director, path):
    response = as_director.post(path, json={"name": "Zapier"})
    assert response.status_code == 201
    return response.get_json()


@pytest.fixture
def as_owner(client, project):
    person = factories.user()
    factories.join(project, person, "owner")
    return client.signed_in(person)


def deliver(client, token, project, **changes):
    payload = {"webhook_id": "w-1", "project_id": str(project.id), "transcript": SPEECH}
    return client.post(
        "/webhooks/transcript",
        json=payload | changes,
        headers={"Authorization": f"Bearer {token}"},
    )


def test_a_token_is_shown_once_and_kept_as_a_hash(as_director, director, project, path, made):
    assert made["token"].startswith("dlt_")
    assert len(made["token"]) > 40
    row = db.session.scalar(select(IngestToken))
    assert made["token"] not in (row.token_hash, row.name)
    assert row.created_by == director.id
    (listed,) = as_director.get(path).get_json()["ingest_tokens"]
    assert listed == {name: value for name, value in made.items() if name != "token"}
    assert (listed["name"], listed["project_id"]) == ("Zapier", str(project.id))


def test_a_token_brings_a_transcript_into_its_project(client, project, made):
    response = deliver(client, made["token"], project)
    assert response.status_code == 202
    row = db.session.scalar(select(Transcript))
    assert (row.project_id, row.source, row.external_id) == (project.id, "transcript", "w-1")


def test_a_repetition_is_a_duplicate_as_with_a_signature(client, project, made):
    deliver(client, made["token"], project)
    assert deliver(client, made["token"], project).status_code == 200


def test_a_tokens_last_use_is_told(client, as_director, project, path, made):
    assert made["last_used_at"] is None
    deliver(client, made["token"], project)
    assert as_director.get(path).get_json()["ingest_tokens"][0]["last_used_at"] is not None


def test_a_token_is_no_use_for_another_project(client, made):
    response = deliver(client, made["token"], factories.project())
    assert response.status_code == 404
    assert response.get_json()["error"] == "resource_not_found"
    assert db.session.scalar(select(Transcript)) is None


def test_a_token_of_an_archived_project_is_dead(client, project, made):
    project.archived_at = clock.now()
    db.session.commit()
    assert deliver(client, made["token"], project).status_code == 401


@pytest.mark.parametrize("token", ["dlt_", "dlt_wrong", "dlt_" + "x" * 43])
def test_an_unknown_token_is_refused(client, project, made, token):
    response = deliver(client, token, project)
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_signature"


def test_a_token_opens_nothing_else(client, project, path, made):
    bearer = client.with_token(made["token"])
    for method, where in (
        ("GET", "/projects"),
        ("GET", path),
        ("GET", f"/projects/{project.id}/decisions"),
        ("POST", f"/projects/{project.id}/transcripts"),
        ("GET", "/auth/me"),
    ):
        assert bearer.request(method, where).status_code == 401


def test_an_access_token_is_no_ingest_token(as_director, project):
    payload = {"webhook_id": "w-1", "project_id": str(project.id), "transcript": SPEECH}
    assert as_director.post("/webhooks/transcript", json=payload).status_code == 401


def test_a_revoked_token_is_refused_at_once_and_stays_listed(
    client, as_director, project, path, made
):
    assert as_director.delete(f"{path}/{made['id']}").status_code == 204
    assert deliver(client, made["token"], project).status_code == 401
    (listed,) = as_director.get(path).get_json()["ingest_tokens"]
    assert listed["revoked_at"] is not None
    assert as_director.delete(f"{path}/{made['id']}").status_code == 204


def test_a_token_is_revoked_through_its_own_project_only(as_director, made):
    elsewhere = factories.project()
    response = as_director.delete(f"/projects/{elsewhere.id}/ingest-tokens/{made['id']}")
    assert response.status_code == 404


def test_making_and_revoking_are_audited_without_the_token(as_director, director, path, made):
    as_director.delete(f"{path}/{made['id']}")
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.event.like("ingest_token.%")).order_by(AuditEvent.at)
    ).all()
    assert [event.event for event in events] == ["ingest_token.created", "ingest_token.revoked"]
    for event in events:
        assert (event.user_id, event.subject_id) == (director.id, made["id"])
        assert made["token"] not in str(event.details)


def test_owners_may_manage_their_projects_tokens(as_owner, path):
    made = as_owner.post(path, json={"name": "Make"})
    assert made.status_code == 201
    assert as_owner.get(path).status_code == 200
    assert as_owner.delete(f"{path}/{made.get_json()['id']}").status_code == 204


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_other_members_may_not(client, project, path, made, role):
    person = factories.user()
    factories.join(project, person, role)
    api = client.signed_in(person)
    assert api.get(path).status_code == 403
    assert api.post(path, json={"name": "Make"}).status_code == 403
    assert api.delete(f"{path}/{made['id']}").status_code == 403


def test_a_client_may_not_even_as_an_owner(client, project, path):
    person = factories.user(role="client")
    factories.join(project, person, "owner")
    assert client.signed_in(person).get(path).status_code == 403


def test_outsiders_do_not_learn_of_the_project(client, path, made):
    api = client.signed_in(factories.user())
    assert api.get(path).status_code == 404
    assert api.post(path, json={"name": "Make"}).status_code == 404
    assert api.delete(f"{path}/{made['id']}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 201}, {"name": "x", "y": 1}])
def test_a_bad_name_is_refused(as_director, path, body):
    assert as_director.post(path, json=body).status_code == 422


def test_no_token_reaches_the_log(client, project, made, caplog):
    deliver(client, made["token"], project)
    deliver(client, "dlt_" + "y" * 43, project)
    assert made["token"] not in caplog.text
    assert "y" * 43 not in caplog.text
