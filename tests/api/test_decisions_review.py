"""What people do with decisions: make, edit, review, delete, restore, look back."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, DecisionVersion
from tests import factories
from tests.problems import assert_problem, assert_same_bytes


def history(client, decision_id):
    return client.get(f"/decisions/{decision_id}/history").get_json()["versions"]


def audited(subject_id):
    found = select(AuditEvent.event).where(AuditEvent.subject_id == str(subject_id))
    return list(db.session.scalars(found.order_by(AuditEvent.at)))


@pytest.fixture
def decision(project):
    return factories.decision(project)


def test_a_member_edits_the_text_of_a_proposal(as_architect, architect, decision):
    before = decision.decision_statement
    response = as_architect.patch(
        f"/decisions/{decision.id}",
        json={
            "decision_statement": "The frame will be timber.",
            "impacts": [{"type": "budget", "change": "+5 %"}],
            "consensus": {"structural": "AGREE"},
            "review_on": "2027-01-31",
        },
        headers={"If-Match": '"1"'},
    )
    assert response.status_code == 200
    assert response.get_etag()[0].startswith("2-")
    body = response.get_json()
    assert body["decision_statement"] == "The frame will be timber."
    assert body["impacts"] == [{"type": "budget", "change": "+5 %"}]
    assert body["review_on"] == "2027-01-31"
    assert body["version"] == 2
    assert body["updated_at"] > body["created_at"]
    second, first = history(as_architect, decision.id)
    assert first["version"] == 1
    assert first["changes"] == []
    assert second["changed_by"] == str(architect.id)
    assert second["changed_by_name"] == architect.name
    assert second["changes"][1] == {
        "field": "decision_statement",
        "old": before,
        "new": "The frame will be timber.",
    }
    assert [change["field"] for change in second["changes"]] == [
        "consensus",
        "decision_statement",
        "impacts",
        "review_on",
    ]
    assert audited(decision.id) == ["decision.edited"]


def test_an_edit_is_found_by_its_new_words_only(as_architect, project, decision):
    as_architect.patch(f"/decisions/{decision.id}", json={"decision_statement": "Timber it is."})
    for word, count in (("timber", 1), ("frame", 0)):
        found = as_architect.get(f"/projects/{project.id}/decisions?search={word}").get_json()
        assert found["total"] == count, word


def test_a_review_day_can_be_taken_away(as_architect, project):
    row = factories.decision(project, review_on=date(2027, 1, 1))
    body = as_architect.patch(f"/decisions/{row.id}", json={"review_on": None}).get_json()
    assert body["review_on"] is None


def test_decisions_due_for_review_are_a_filter(as_architect, project):
    due = factories.decision(project, review_on=date(2026, 12, 1))
    factories.decision(project, review_on=date(2026, 12, 2))
    factories.decision(project)
    body = as_architect.get(f"/projects/{project.id}/decisions?review_due=2026-12-01").get_json()
    assert [entry["id"] for entry in body["decisions"]] == [str(due.id)]


def test_a_change_that_changes_nothing_makes_no_version(as_architect, decision):
    response = as_architect.patch(f"/decisions/{decision.id}", json={"discipline": "structural"})
    assert response.get_json()["version"] == 1
    assert len(history(as_architect, decision.id)) == 1
    assert audited(decision.id) == []


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ({"approved": True, "notes": "Agreed."}, "approved"),
        ({"status": "approved", "notes": "Agreed."}, "approved"),
        ({"approved": False, "notes": "Agreed."}, "rejected"),
        ({"status": "rejected", "notes": "Agreed."}, "rejected"),
    ],
)
def test_a_director_reviews(as_director, director, decision, verdict, status):
    body = as_director.patch(f"/decisions/{decision.id}", json=verdict).get_json()
    assert body["status"] == status
    assert body["approval_notes"] == "Agreed."
    assert body["approved"] is (status == "approved")
    assert body["approved_by"] == (str(director.id) if status == "approved" else None)
    assert (body["approved_at"] is not None) == (status == "approved")
    assert audited(decision.id) == [f"decision.{status}"]
    changed = {entry["field"] for entry in history(as_director, decision.id)[0]["changes"]}
    assert changed == {"status", "approval_notes"}


def test_an_approval_that_is_withdrawn_leaves_no_approver(as_director, decision):
    as_director.patch(f"/decisions/{decision.id}", json={"approved": True})
    body = as_director.patch(f"/decisions/{decision.id}", json={"status": "proposed"}).get_json()
    assert body["approved_by"] is None
    assert body["approved_at"] is None


def test_nobody_supersedes_by_review(as_director, decision):
    response = as_director.patch(f"/decisions/{decision.id}", json={"status": "superseded"})
    assert_problem(response, 409, "conflict")


@pytest.mark.parametrize("verdict", [{"approved": True}, {"status": "rejected"}, {"notes": "x"}])
def test_a_member_can_not_review(as_architect, decision, verdict):
    response = as_architect.patch(f"/decisions/{decision.id}", json=verdict)
    assert_problem(response, 403, "permission_denied")
    assert history(as_architect, decision.id)[0]["version"] == 1


def test_only_a_director_edits_what_has_been_reviewed(as_architect, as_director, decision):
    as_director.patch(f"/decisions/{decision.id}", json={"approved": True})
    edit = {"why": "It is lighter."}
    response = as_architect.patch(f"/decisions/{decision.id}", json=edit)
    assert_problem(response, 403, "permission_denied")
    assert as_director.patch(f"/decisions/{decision.id}", json=edit).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"who": "Somebody else"}, "who"),
        ({"quote": "We never said that."}, "quote"),
        ({"timestamp": "00:00:01"}, "timestamp"),
        ({"confidence": 1}, "confidence"),
        ({"decision_statement": ""}, "decision_statement"),
        ({"decision_statement": None}, ""),
        ({"decision_statement": "a\x00b"}, "decision_statement"),
        ({"decision_statement": "a" * 2001}, "decision_statement"),
        ({"discipline": "magic"}, "discipline"),
        ({"review_on": "soon"}, "review_on"),
        ({"approved": True, "status": "approved"}, ""),
        ({"impacts": [{"type": "mood", "change": "x"}]}, "impacts.0.type"),
    ],
)
def test_a_bad_change_is_refused_by_the_name_of_its_field(as_director, decision, body, field):
    response = as_director.patch(f"/decisions/{decision.id}", json=body)
    assert_problem(response, 422, "validation_error", field)


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"another", "{}"', "*"])
def test_the_etag_that_was_read_lets_a_change_through(as_director, decision, form):
    read = as_director.get(f"/decisions/{decision.id}")
    for held in (read.get_etag()[0], str(read.get_json()["version"] + 1)):
        answer = as_director.patch(
            f"/decisions/{decision.id}",
            json={"why": f"Because of {held}."},
            headers={"If-Match": form.format(held)},
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("tag", ['"2"', 'W/"2-abc"', '"x", "y"', '"1x"', '"-1"'])
def test_a_tag_that_is_not_the_version_refuses_the_change(as_director, decision, tag):
    for send in (as_director.patch, as_director.delete):
        response = send(
            f"/decisions/{decision.id}", json={"why": "Because."}, headers={"If-Match": tag}
        )
        assert_problem(response, 412, "precondition_failed")


@pytest.mark.parametrize("tag", ['"1"', '"0", "1"', "*"])
def test_a_tag_that_is_the_version_lets_the_change_through(as_architect, decision, tag):
    response = as_architect.patch(
        f"/decisions/{decision.id}", json={"why": "Because."}, headers={"If-Match": tag}
    )
    assert response.status_code == 200


def test_of_twenty_concurrent_editors_none_is_lost_silently(app, as_architect, decision):
    decision_id = decision.id
    token = as_architect.headers["Authorization"]
    db.session.rollback()

    def edit(number):
        web = app.test_client()
        headers = {"Authorization": token}
        tag = web.get(f"/decisions/{decision_id}", headers=headers).headers["ETag"]
        answer = web.patch(
            f"/decisions/{decision_id}",
            json={"why": f"Reason {number}"},
            headers=headers | {"If-Match": tag},
        )
        return answer.status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(edit, range(20)))
    assert set(statuses) <= {200, 412}
    written = statuses.count(200)
    assert written >= 1
    versions = list(
        db.session.scalars(
            select(DecisionVersion.version)
            .where(DecisionVersion.decision_id == decision_id)
            .order_by(DecisionVersion.version)
        )
    )
    assert versions == list(range(1, written + 2))
    reasons = [
        change["new"]
        for version in history(as_architect, decision_id)
        for change in version["changes"]
    ]
    assert len(set(reasons)) == written


def test_many_are_reviewed_at_once(as_director, project):
    made = [factories.decision(project) for _ in range(3)]
    response = as_director.post(
        f"/projects/{project.id}/decisions/review",
        json={"decision_ids": [str(row.id) for row in made], "approved": True, "notes": "Fine."},
    )
    assert response.status_code == 200
    body = response.get_json()
    assert [entry["id"] for entry in body["decisions"]] == [str(row.id) for row in made]
    assert {entry["status"] for entry in body["decisions"]} == {"approved"}
    for row in made:
        assert history(as_director, row.id)[0]["version"] == 2
        assert audited(row.id) == ["decision.approved"]


def test_a_review_of_many_is_all_or_nothing(as_director, project):
    fine = factories.decision(project)
    superseded = factories.decision(project, status="superseded")
    theirs = factories.decision(factories.project())
    for bad, status, error in (
        (superseded.id, 409, "conflict"),
        (theirs.id, 404, "resource_not_found"),
        (uuid.uuid4(), 404, "resource_not_found"),
    ):
        response = as_director.post(
            f"/projects/{project.id}/decisions/review",
            json={"decision_ids": [str(fine.id), str(bad)], "status": "rejected"},
        )
        assert_problem(response, status, error)
        body = as_director.get(f"/decisions/{fine.id}").get_json()
        assert (body["status"], body["version"]) == ("proposed", 1)


@pytest.mark.parametrize(
    "body",
    [
        {"decision_ids": [], "approved": True},
        {"decision_ids": [str(uuid.uuid4())] * 201, "approved": True},
        {"decision_ids": ["42"], "approved": True},
        {"decision_ids": ["3f0c2a5e-6a0f-4b53-9d0e-0d4f6f0a7c11"]},
    ],
)
def test_a_bad_review_is_refused(as_director, project, body):
    response = as_director.post(f"/projects/{project.id}/decisions/review", json=body)
    assert_problem(response, 422, "validation_error")


def test_a_member_can_not_review_many(as_architect, project, decision):
    response = as_architect.post(
        f"/projects/{project.id}/decisions/review",
        json={"decision_ids": [str(decision.id)], "approved": True},
    )
    assert_problem(response, 403, "permission_denied")


def test_a_decision_made_outside_a_meeting(as_architect, architect, project):
    response = as_architect.post(
        f"/projects/{project.id}/decisions",
        json={"decision_statement": "Brick it is.", "discipline": "architecture"},
    )
    assert response.status_code == 201
    body = response.get_json()
    assert response.headers["Location"] == f"/decisions/{body['id']}"
    assert body["source"] == "manual"
    assert body["status"] == "proposed"
    assert body["who"] == architect.name
    assert body["meeting_date"] == clock.now().date().isoformat()
    assert body["quote"] == ""
    assert body["evidence"] == []
    assert body["timestamp"] is None
    [first] = history(as_architect, body["id"])
    assert first["changed_by"] == str(architect.id)
    assert audited(body["id"]) == ["decision.created"]
    listed = as_architect.get(f"/projects/{project.id}/decisions?search=brick").get_json()
    assert listed["total"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "decision_statement"),
        ({"decision_statement": "x", "quote": "made up"}, "quote"),
        ({"decision_statement": "x", "meeting_date": "2026-02-30"}, "meeting_date"),
        ({"decision_statement": "x", "status": "approved"}, "status"),
    ],
)
def test_a_bad_manual_decision_is_refused(as_architect, project, body, field):
    response = as_architect.post(f"/projects/{project.id}/decisions", json=body)
    assert_problem(response, 422, "validation_error", field)


@pytest.fixture
def as_viewer(client, project):
    person = factories.user()
    factories.join(project, person, "viewer")
    return client.signed_in(person)


@pytest.fixture
def as_client(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "owner")
    return client.signed_in(person)


def test_who_may_only_read_may_not_write(as_viewer, as_client, project):
    row = factories.decision(project, meeting_type="client", status="approved")
    for reader in (as_viewer, as_client):
        for response in (
            reader.post(f"/projects/{project.id}/decisions", json={"decision_statement": "x"}),
            reader.patch(f"/decisions/{row.id}", json={"why": "x"}),
            reader.delete(f"/decisions/{row.id}"),
        ):
            assert_problem(response, 403, "permission_denied")


def test_how_a_decision_came_about_is_not_for_clients(as_client, project):
    row = factories.decision(project, meeting_type="client", status="approved")
    assert_problem(as_client.get(f"/decisions/{row.id}/history"), 403, "permission_denied")
    hidden = factories.decision(project)
    nothing = as_client.get(f"/decisions/{uuid.uuid4()}/history")
    assert_same_bytes(as_client.get(f"/decisions/{hidden.id}/history"), nothing)


def test_an_outsider_can_not_tell_a_decision_from_nothing(as_architect):
    theirs = factories.decision(factories.project())
    for method, path, body in (
        ("PATCH", "", {"why": "x"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("GET", "/history", None),
        ("GET", "/chain", None),
    ):
        real = as_architect.request(method, f"/decisions/{theirs.id}{path}", json=body)
        nothing = as_architect.request(method, f"/decisions/{uuid.uuid4()}{path}", json=body)
        assert_problem(nothing, 404, "resource_not_found")
        assert_same_bytes(real, nothing)


def test_a_deleted_decision_is_gone_until_it_is_restored(as_director, project, decision):
    path = f"/decisions/{decision.id}"
    assert as_director.delete(path).status_code == 204
    assert_problem(as_director.get(path), 404, "resource_not_found")
    assert_problem(as_director.delete(path), 404, "resource_not_found")
    found = as_director.get(f"/projects/{project.id}/decisions?search=frame").get_json()
    assert found["total"] == 0
    restored = as_director.post(f"{path}/restore")
    assert restored.status_code == 200
    assert restored.get_json()["version"] == 3
    assert_problem(as_director.post(f"{path}/restore"), 404, "resource_not_found")
    found = as_director.get(f"/projects/{project.id}/decisions?search=frame").get_json()
    assert found["total"] == 1
    assert [version["version"] for version in history(as_director, decision.id)] == [3, 2, 1]
    assert audited(decision.id) == ["decision.deleted", "decision.restored"]


def test_an_owner_deletes_and_a_member_does_not(client, as_architect, project, decision):
    owner = factories.user()
    factories.join(project, owner, "owner")
    assert_problem(as_architect.delete(f"/decisions/{decision.id}"), 403, "permission_denied")
    assert client.signed_in(owner).delete(f"/decisions/{decision.id}").status_code == 204
    restore = f"/decisions/{decision.id}/restore"
    assert_problem(as_architect.post(restore), 403, "permission_denied")
    assert client.signed_in(owner).post(restore).status_code == 200
