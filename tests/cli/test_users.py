"""`flask users`, as an administrator types it."""

import pytest
from sqlalchemy import select

from decisionlog.auth import queries
from decisionlog.extensions import db
from decisionlog.models import AuditEvent
from tests import factories

PASSPHRASE = "correct horse battery staple"


def create(runner, email="new@example.com", role="architect", password=PASSPHRASE):
    return runner.invoke(
        args=["users", "create", "--email", email, "--name", "New Person", "--role", role],
        input=f"{password}\n{password}\n",
    )


def test_a_created_user_can_sign_in(runner, client):
    assert create(runner).exit_code == 0
    response = client.post("/auth/login", json={"email": "new@example.com", "password": PASSPHRASE})
    assert response.status_code == 200
    assert response.get_json()["user"]["role"] == "architect"


def test_the_password_is_never_printed(runner):
    assert PASSPHRASE not in create(runner).output


def test_an_address_is_kept_in_lower_case_and_taken_once(runner):
    assert create(runner, email="New@Example.com").exit_code == 0
    second = create(runner, email="new@EXAMPLE.com")
    assert second.exit_code == 1
    assert "There is an account with this e-mail address." in second.output


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("not an address", PASSPHRASE, "email"),
        ("new@example.com", "too short", "15 characters"),
        ("new@example.com", "x" * 257, "256 characters"),
        ("new@example.com", "DecisionLogDecisionLog", "product's name"),
        ("a.long.address@example.com", "a.long.address@example.com", "e-mail address"),
    ],
)
def test_what_is_not_acceptable_is_refused_in_one_line(runner, email, password, complaint):
    result = create(runner, email=email, password=password)
    assert result.exit_code == 1
    assert complaint in result.output
    assert queries.users() == []


def test_the_list_shows_role_and_state(runner, director):
    gone = factories.user(email="gone@example.com", role="client")
    runner.invoke(args=["users", "deactivate", gone.email])
    output = runner.invoke(args=["users", "list"]).output
    assert director.email in output
    assert "deactivated" in output


def test_the_list_is_by_address(runner):
    for name in "bca":
        factories.user(email=f"{name}@example.com")
    output = runner.invoke(args=["users", "list"]).output
    assert output.index("a@example.com") < output.index("b@example.com")
    assert output.index("b@example.com") < output.index("c@example.com")


def test_a_deactivated_user_is_locked_out_at_once_and_can_be_restored(runner, client, architect):
    signed_in = client.signed_in(architect)
    credentials = {"email": architect.email, "password": factories.PASSWORD}
    assert runner.invoke(args=["users", "deactivate", architect.email]).exit_code == 0
    assert signed_in.get("/auth/me").status_code == 401
    assert client.post("/auth/login", json=credentials).status_code == 401
    assert runner.invoke(args=["users", "restore", architect.email]).exit_code == 0
    assert client.post("/auth/login", json=credentials).status_code == 200
    assert signed_in.get("/auth/me").status_code == 401


def test_a_role_is_changed_and_holds_at_the_next_request(runner, client, architect):
    signed_in = client.signed_in(architect)
    assert runner.invoke(args=["users", "set-role", architect.email, "client"]).exit_code == 0
    assert signed_in.get("/auth/me").get_json()["role"] == "client"


@pytest.mark.parametrize("command", [["deactivate"], ["set-role"]])
def test_the_last_director_can_not_be_removed(runner, director, command):
    arguments = ["users", *command, director.email] + (
        ["architect"] if command == ["set-role"] else []
    )
    result = runner.invoke(args=arguments)
    assert result.exit_code == 1
    assert "The last director can't be removed." in result.output


def test_an_unknown_address_is_named(runner):
    result = runner.invoke(args=["users", "deactivate", "nobody@example.com"])
    assert result.exit_code == 1
    assert "nobody@example.com" in result.output


def test_every_change_leaves_an_audit_event(runner, director):
    create(runner)
    for command in (["set-role", "new@example.com", "client"], ["deactivate", "new@example.com"]):
        runner.invoke(args=["users", *command])
    events = db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)).all()
    assert events == ["user.created", "user.role_changed", "user.deactivated"]
