"""Accounts over REST, for directors; and what the command line says of them."""

import threading
import uuid

import pytest
import time_machine
from sqlalchemy import select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, User
from tests import factories
from tests.api.test_auth import events, login
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.problems import assert_problem


def new_user(**changes):
    return {
        "email": "rui@example.com",
        "name": "Rui Costa",
        "role": "architect",
        "password": "a passphrase for Rui",
    } | changes


def test_a_director_adds_an_account_that_can_sign_in(client, as_director, director):
    answer = as_director.post("/users", json=new_user(email="Rui@Example.com"))
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["email"] == "rui@example.com"
    assert body["two_factor"] is False
    assert "password" not in str(body)
    assert login(client, "rui@example.com", "a passphrase for Rui").status_code == 200
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "user.created"))
    assert (event.user_id, event.subject_id) == (director.id, body["id"])


def test_the_moment_of_a_password_is_kept_from_the_first_one_on(as_director):
    with time_machine.travel(clock.now(), tick=False) as then:
        made = as_director.post("/users", json=new_user()).get_json()
        user = db.session.get(User, uuid.UUID(made["id"]))
        assert user.password_changed_at == clock.now()
        then.shift(60)
        change = {"password": "a passphrase from the director"}
        as_director.patch(f"/users/{user.id}", json=change)
        db.session.refresh(user)
        assert user.password_changed_at == clock.now()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "admin"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "rui@example.com"}, "password"),
        ({"id": str(uuid.uuid4())}, "id"),
        ({"deleted_at": None}, "deleted_at"),
    ],
)
def test_an_account_that_is_not_acceptable_is_refused(as_director, change, field):
    answer = as_director.post("/users", json=new_user(**change))
    assert_problem(answer, 422, "validation_error", field)


def test_a_known_address_is_a_conflict_closed_accounts_too(as_director):
    closed = factories.user(deleted_at=clock.now())
    answer = as_director.post("/users", json=new_user(email=closed.email.upper()))
    assert_problem(answer, 409, "conflict")


def test_accounts_are_listed_by_address_in_pages(as_director, director):
    for name in "dcab":
        factories.user(email=f"{name}@example.com", role="client")
    page = as_director.get("/users?role=client&limit=2&offset=1").get_json()
    assert [user["email"] for user in page["users"]] == ["b@example.com", "c@example.com"]
    assert (page["total"], page["limit"], page["offset"]) == (4, 2, 1)


def test_a_list_of_no_accounts_has_a_total_of_none(as_director):
    page = as_director.get("/users?role=client").get_json()
    assert (page["users"], page["total"]) == ([], 0)


def test_closed_accounts_are_listed_when_asked_for(as_director):
    closed = factories.user(deleted_at=clock.now())
    assert str(closed.id) not in as_director.get("/users").get_data(as_text=True)
    listed = as_director.get("/users?deleted=true").get_json()["users"]
    assert [user["id"] for user in listed] == [str(closed.id)]


def test_a_role_that_is_asked_for_brings_no_closed_account_back(as_director):
    factories.user(role="client", deleted_at=clock.now())
    living = factories.user(role="client")
    listed = as_director.get("/users?role=client").get_json()
    assert [user["id"] for user in listed["users"]] == [str(living.id)]
    assert listed["total"] == 1


def test_an_account_can_be_changed(as_director, architect):
    change = {"name": "Ana Sá", "email": "ana@example.com", "role": "client"}
    body = as_director.patch(f"/users/{architect.id}", json=change).get_json()
    assert {key: body[key] for key in change} == change
    assert as_director.get(f"/users/{architect.id}").get_json() == body
    assert events("user.changed") == events("user.role_changed") == 1


def test_the_audit_of_an_account_says_who_changed_what(as_director, director):
    made = as_director.post("/users", json=new_user()).get_json()
    path = f"/users/{made['id']}"
    as_director.patch(path, json={"name": "Ana", "email": "ana@example.com", "role": "client"})
    as_director.patch(path, json={"password": "a passphrase from the director"})
    as_director.delete(path)
    as_director.post(f"{path}/restore")
    rows = db.session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == made["id"]).order_by(AuditEvent.at)
    ).all()
    assert {row.user_id for row in rows} == {director.id}
    assert [(row.event, row.details) for row in rows] == [
        ("user.created", {"role": "architect"}),
        ("user.changed", {"fields": ["email", "name"]}),
        ("user.role_changed", {"before": "architect", "after": "client"}),
        ("user.password_reset", {}),
        ("user.deactivated", {}),
        ("user.restored", {}),
    ]


def test_a_password_that_a_director_sets_ends_the_sessions_of_the_user(
    client, as_director, as_architect, architect
):
    change = {"password": "a passphrase from the director"}
    assert as_director.patch(f"/users/{architect.id}", json=change).status_code == 200
    assert as_architect.get("/auth/me").status_code == 401
    assert login(client, architect.email).status_code == 401
    assert login(client, architect.email, change["password"]).status_code == 200


def test_a_weak_password_that_a_director_sets_is_named(as_director, architect):
    answer = as_director.patch(f"/users/{architect.id}", json={"password": "too short"})
    assert_problem(answer, 422, "validation_error", "password")


def test_deleting_is_soft_and_stops_the_tokens_at_once(
    client, as_director, as_architect, architect
):
    assert as_director.delete(f"/users/{architect.id}").status_code == 204
    assert as_architect.get("/auth/me").status_code == 401
    assert login(client, architect.email).status_code == 401
    assert as_director.get(f"/users/{architect.id}").get_json()["deleted_at"].endswith("Z")
    assert as_director.delete(f"/users/{architect.id}").status_code == 204
    assert events("user.deactivated") == 1


def test_a_restored_account_signs_in_anew_but_its_old_tokens_stay_dead(
    client, as_director, as_architect, architect
):
    as_director.delete(f"/users/{architect.id}")
    restored = as_director.post(f"/users/{architect.id}/restore")
    assert restored.get_json()["deleted_at"] is None
    assert as_architect.get("/auth/me").status_code == 401
    assert login(client, architect.email).status_code == 200


def test_restoring_an_open_account_changes_nothing(as_director, architect):
    assert as_director.post(f"/users/{architect.id}/restore").status_code == 200
    assert events("user.restored") == 0


def test_the_last_director_can_neither_be_closed_nor_demoted(as_director, director):
    path = f"/users/{director.id}"
    assert_problem(as_director.delete(path), 409, "conflict")
    assert_problem(as_director.patch(path, json={"role": "architect"}), 409, "conflict")
    assert as_director.get(path).get_json()["role"] == "director"


def test_a_closed_director_does_not_count_as_another(as_director, director):
    factories.user(role="director", deleted_at=clock.now())
    assert as_director.delete(f"/users/{director.id}").status_code == 409


@pytest.mark.parametrize("change", [("DELETE", {}), ("PATCH", {"json": {"role": "architect"}})])
def test_two_directors_who_close_or_demote_each_other_do_not_both_succeed(
    app, client, director, change
):
    other = factories.user(role="director")
    pairs = [(client.signed_in(director), other.id), (client.signed_in(other), director.id)]
    start, statuses = threading.Barrier(2), []

    def close(signed_in, user_id):
        start.wait()
        method, body = change
        statuses.append(signed_in.request(method, f"/users/{user_id}", **body).status_code)

    both = [threading.Thread(target=close, args=pair) for pair in pairs]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sum(status < 300 for status in statuses) == 1
    assert sum(status in (401, 403, 409) for status in statuses) == 1
    db.session.expire_all()
    alive = select(User.id).where(User.role == "director", User.deleted_at.is_(None))
    assert len(db.session.scalars(alive).all()) == 1


def test_two_who_add_one_address_at_once_get_one_account(app, as_director):
    headers, start, statuses = as_director.headers, threading.Barrier(2), []

    def add():
        start.wait()
        answer = ApiClient(app, headers).post("/users", json=new_user())
        statuses.append(answer.status_code)

    both = [threading.Thread(target=add) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(statuses) == [201, 409]


def test_the_database_has_the_last_word_on_an_address(as_director, architect, monkeypatch):
    """Two may ask for one address at the same moment, and both find it free."""
    monkeypatch.setattr("decisionlog.auth.accounts._require_free", lambda address: None)
    answer = as_director.post("/users", json=new_user(email=architect.email))
    assert_problem(answer, 409, "conflict")


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_account_is_not_found(as_director, method):
    answer = getattr(as_director, method)(
        f"/users/{uuid.uuid4()}", **({"json": {}} if method == "patch" else {})
    )
    assert_problem(answer, 404, "resource_not_found")


@pytest.mark.parametrize("known", [True, False])
def test_who_is_no_director_learns_nothing_about_accounts(as_architect, director, known):
    user_id = director.id if known else uuid.uuid4()
    assert_problem(as_architect.get(f"/users/{user_id}"), 403, "permission_denied")


# The command line


def test_an_account_is_made_and_listed_on_the_command_line(client, runner):
    made = runner.invoke(
        args=["users", "create", "--email", "a@example.com", "--name", "Ana", "--role", "director"],
        input=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert login(client, "a@example.com").status_code == 200
    assert "a@example.com" in runner.invoke(args=["users", "list"]).output


def test_the_last_director_is_safe_from_the_command_line(runner, director):
    result = runner.invoke(args=["users", "deactivate", director.email])
    assert result.exit_code == 1
    assert "last director" in result.output


def test_a_role_is_given_and_an_account_closed_and_restored(runner, architect):
    for args in (
        ["set-role", architect.email, "client"],
        ["deactivate", architect.email],
        ["restore", architect.email],
    ):
        result = runner.invoke(args=["users", *args])
        assert result.exit_code == 0, result.output
    db.session.refresh(architect)
    assert (architect.role, architect.deleted_at) == ("client", None)
