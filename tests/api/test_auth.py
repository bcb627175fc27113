"""Signing in, staying signed in, signing out."""

import threading
import uuid
from datetime import timedelta

import bcrypt
import jwt
import pytest
import time_machine
from sqlalchemy import func, select

from decisionlog import clock
from decisionlog.auth import passwords
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, Session
from tests import factories
from tests.api_client import ApiClient
from tests.conftest import SETTINGS
from tests.factories import PASSWORD
from tests.problems import assert_problem

KEY = SETTINGS["JWT_SECRET_KEY"]


def login(client, email, password=PASSWORD, address="10.0.0.1", **fields):
    return client.post(
        "/auth/login",
        json={"email": email, "password": password} | fields,
        environ_base={"REMOTE_ADDR": address},
    )


def refresh(client, token):
    return client.with_token(token).post("/auth/refresh")


def events(name):
    return db.session.scalar(select(func.count()).where(AuditEvent.event == name))


@pytest.fixture
def pair(client, architect):
    return login(client, architect.email).get_json()


@pytest.fixture
def bcrypt_checks(monkeypatch):
    checks = []
    real = bcrypt.checkpw

    def counting(password, hashed):
        checks.append(hashed)
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    return checks


def test_a_login_answers_with_a_pair_of_tokens_and_the_user(client, architect, project):
    answer = login(client, architect.email)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 7 * 24 * 3600
    assert body["user"] == {
        "id": str(architect.id),
        "email": architect.email,
        "name": architect.name,
        "role": "architect",
        "projects": [str(project.id)],
    }
    assert client.with_token(body["access_token"]).get("/auth/me").get_json() == body["user"]


def test_the_projects_of_a_user_come_in_the_order_of_joining(client, architect):
    later = factories.project({architect: "member"})
    with time_machine.travel(clock.now() - timedelta(days=1)):
        earlier = factories.project({architect: "member"})
    user = login(client, architect.email).get_json()["user"]
    assert user["projects"] == [str(earlier.id), str(later.id)]


def test_the_access_token_says_what_it_must(client, architect, pair):
    claims = jwt.decode(pair["access_token"], KEY, algorithms=["HS256"])
    assert claims["sub"] == str(architect.id)
    assert uuid.UUID(claims["jti"])
    assert db.session.get(Session, uuid.UUID(claims["sid"])).user_id == architect.id
    assert claims["exp"] - claims["iat"] == 7 * 24 * 3600
    assert "kid" in jwt.get_unverified_header(pair["access_token"])


@pytest.mark.parametrize("typed", ["PERSON@EXAMPLE.COM", " person@example.com "])
def test_the_case_of_an_address_and_spaces_around_it_do_not_matter(client, app, typed):
    factories.user(email="person@example.com")
    assert login(client, typed).status_code == 200


def test_a_password_is_taken_as_typed(client, app):
    spaced = "  spaces at both ends count  "
    person = factories.user(password=spaced)
    assert login(client, person.email, spaced.strip()).status_code == 401
    assert login(client, person.email, spaced).status_code == 200


def test_unknown_wrong_and_closed_are_answered_alike_at_the_cost_of_one_check(
    client, architect, bcrypt_checks
):
    closed = factories.user(deleted_at=clock.now())
    answers = []
    for email, password in [
        ("nobody@example.com", PASSWORD),
        (architect.email, "not the password"),
        (closed.email, PASSWORD),
        (closed.email, "not the password"),
    ]:
        bcrypt_checks.clear()
        answer = login(client, email, password, address=f"10.0.0.{len(answers)}")
        assert_problem(answer, 401, "authentication_failed")
        assert len(bcrypt_checks) == 1
        assert bcrypt_checks[0].startswith(b"$2b$04$")
        body = answer.get_json()
        del body["request_id"]
        answers.append((body, sorted(answer.headers.keys())))
    assert all(answer == answers[0] for answer in answers)


def test_the_sixth_attempt_in_fifteen_minutes_is_refused_even_with_the_right_password(
    client, architect
):
    people = [factories.user() for _ in range(5)]
    for person in people:
        assert login(client, person.email, "wrong").status_code == 401
    answer = login(client, architect.email)
    assert_problem(answer, 429, "rate_limit_exceeded")
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert answer.headers["X-RateLimit-Limit"] == "5"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert int(answer.headers["X-RateLimit-Reset"]) > 0
    assert events("login.limited") == 1


def test_successful_logins_count_against_the_address_too(client, architect):
    statuses = [login(client, architect.email).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_the_window_moves(client, architect):
    with time_machine.travel("2026-11-03T12:00:00Z", tick=False) as then:
        for _ in range(5):
            login(client, architect.email)
        then.shift(15 * 60 - 1)
        assert login(client, architect.email).status_code == 429
        then.shift(2)
        assert login(client, architect.email).status_code == 200


def test_a_preflight_uses_up_no_attempt(client, architect):
    for _ in range(6):
        client.request(
            "OPTIONS",
            "/auth/login",
            headers={
                "Origin": "http://localhost:5173",
                "Access-Control-Request-Method": "POST",
            },
        )
    assert login(client, architect.email, address="127.0.0.1").status_code == 200


def test_addresses_of_one_ipv6_network_share_their_attempts(client, architect):
    statuses = [
        login(client, architect.email, address=f"2001:db8:1:2::{host:x}").status_code
        for host in range(6)
    ]
    assert statuses == [200] * 5 + [429]
    assert login(client, architect.email, address="2001:db8:1:3::1").status_code == 200


def test_an_outdated_hash_is_renewed_at_login(make_app, app, architect):
    stronger = ApiClient(make_app(BCRYPT_ROUNDS=5))
    assert login(stronger, architect.email).status_code == 200
    db.session.refresh(architect)
    assert architect.password_hash.startswith("$2b$05$")
    assert login(stronger, architect.email).status_code == 200


def test_long_passwords_that_agree_in_their_first_72_bytes_are_different(client, app):
    common = "ö" * 36
    person = factories.user(password=common + "one")
    assert login(client, person.email, common + "two").status_code == 401
    assert login(client, person.email, common).status_code == 401
    assert login(client, person.email, common + "one").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "a@example.com"}, 422),
        ({"email": "a@example.com", "password": ""}, 422),
        ({"email": "a@example.com", "password": "x" * 257}, 422),
        ({"email": "a@example.com", "password": "a\x00b"}, 422),
        ({"email": ["a@example.com"], "password": "x"}, 422),
        ({"email": "a@example.com", "password": "x", "role": "director"}, 422),
        ([], 422),
    ],
)
def test_a_body_that_is_no_login_is_refused(client, app, body, status):
    assert_problem(client.post("/auth/login", json=body), status, "validation_error")


def test_a_body_of_more_than_64_kilobytes_is_refused(client, app):
    answer = login(client, "a@example.com", "x" * 70_000)
    assert_problem(answer, 413, "validation_error")


# Refreshing


def test_a_refresh_gives_a_new_pair_and_the_old_token_is_used_up(client, pair):
    answer = refresh(client, pair["refresh_token"])
    assert answer.status_code == 200
    fresh = answer.get_json()
    assert fresh["refresh_token"] != pair["refresh_token"]
    assert client.with_token(fresh["access_token"]).get("/auth/me").status_code == 200
    assert refresh(client, fresh["refresh_token"]).status_code == 200


def test_a_used_refresh_token_ends_the_whole_session(client, pair):
    with time_machine.travel(clock.now(), tick=False) as then:
        newest = refresh(client, pair["refresh_token"]).get_json()
        then.shift(11)
        stolen = refresh(client, pair["refresh_token"])
        assert_problem(stolen, 401, "authentication_failed")
        assert events("token.reused") == 1
        assert_problem(refresh(client, newest["refresh_token"]), 401, "token_revoked")
        owner = client.with_token(newest["access_token"])
        assert_problem(owner.get("/auth/me"), 401, "token_revoked")
        assert_problem(
            client.with_token(pair["access_token"]).get("/auth/me"), 401, "token_revoked"
        )


def test_two_tabs_that_refresh_within_ten_seconds_get_the_same_successor(client, pair):
    with time_machine.travel(clock.now(), tick=False) as then:
        first = refresh(client, pair["refresh_token"]).get_json()
        then.shift(10)
        second = refresh(client, pair["refresh_token"]).get_json()
    jtis = {
        jwt.decode(
            answer["refresh_token"], KEY, algorithms=["HS256"], options={"verify_signature": False}
        )["jti"]
        for answer in (first, second)
    }
    assert len(jtis) == 1
    assert events("token.reused") == 0


def test_the_grace_is_for_the_token_used_just_before_only(client, pair):
    first = refresh(client, pair["refresh_token"]).get_json()
    refresh(client, first["refresh_token"])
    assert refresh(client, pair["refresh_token"]).status_code == 401
    assert events("token.reused") == 1


def test_of_many_parallel_refreshes_there_is_one_successor(app, client, pair):
    """Rotation is one conditional UPDATE: the chain must not fork, nobody may get an error."""
    answers = []

    def tab():
        answers.append(refresh(ApiClient(app), pair["refresh_token"]))

    tabs = [threading.Thread(target=tab) for _ in range(6)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert [answer.status_code for answer in answers] == [200] * 6
    successors = {
        jwt.decode(answer.get_json()["refresh_token"], KEY, algorithms=["HS256"])["jti"]
        for answer in answers
    }
    assert len(successors) == 1


def test_a_session_that_is_not_refreshed_runs_out(client, pair):
    with time_machine.travel(clock.now(), tick=False) as then:
        then.shift(30 * 24 * 3600 + 1)
        assert_problem(refresh(client, pair["refresh_token"]), 401, "authentication_failed")


# Signing out


def test_a_logout_kills_both_tokens_at_once(client, pair):
    signed_in = client.with_token(pair["access_token"])
    assert signed_in.post("/auth/logout").status_code == 204
    assert_problem(signed_in.get("/auth/me"), 401, "token_revoked")
    assert_problem(refresh(client, pair["refresh_token"]), 401, "token_revoked")
    assert events("logout") == 1


def test_a_logout_holds_after_a_restart(make_app, client, pair):
    client.with_token(pair["access_token"]).post("/auth/logout")
    restarted = ApiClient(make_app())
    assert restarted.with_token(pair["access_token"]).get("/auth/me").status_code == 401


def test_a_logout_ends_no_other_session(client, architect, as_architect):
    elsewhere = client.signed_in(architect)
    as_architect.post("/auth/logout")
    assert elsewhere.get("/auth/me").status_code == 200


def test_a_logout_everywhere_ends_every_session_of_the_user(client, architect, director):
    tabs = [client.signed_in(architect) for _ in range(3)]
    bystander = client.signed_in(director)
    assert tabs[0].post("/auth/logout-all").status_code == 204
    assert [tab.get("/auth/me").status_code for tab in tabs] == [401] * 3
    assert bystander.get("/auth/me").status_code == 200


# Keys


def test_an_old_key_still_verifies_and_the_new_one_signs(make_app, client, pair):
    new = "a new signing key that is as long as it must be"
    rotated = ApiClient(make_app(JWT_SECRET_KEY=f"{new},{KEY}"))
    assert rotated.with_token(pair["access_token"]).get("/auth/me").status_code == 200
    fresh = refresh(rotated, pair["refresh_token"]).get_json()
    jwt.decode(fresh["access_token"], new, algorithms=["HS256"])

    only_new = ApiClient(make_app(JWT_SECRET_KEY=new))
    assert only_new.with_token(fresh["access_token"]).get("/auth/me").status_code == 200
    assert only_new.with_token(pair["access_token"]).get("/auth/me").status_code == 401


def test_the_policy_keeps_unicode_spellings_of_one_password_equal(app):
    composed, decomposed = "caf\u00e9 " * 4, "cafe\u0301 " * 4
    assert passwords.check_password(decomposed, passwords.hash_password(composed))


def test_a_refresh_prolongs_the_session_under_a_new_id(client, pair):
    sid = uuid.UUID(jwt.decode(pair["access_token"], KEY, algorithms=["HS256"])["sid"])
    with time_machine.travel(clock.now(), tick=False) as then:
        then.shift(24 * 3600)
        refresh(client, pair["refresh_token"])
        db.session.expire_all()
        session = db.session.get(Session, sid)
        assert session.last_used_at == session.rotated_at == clock.now()
        assert (session.expires_at - clock.now()).days == 30
        assert uuid.UUID(session.refresh_jti) != uuid.UUID(session.previous_refresh_jti)


def test_the_audit_of_a_reuse_names_the_user_and_the_session(client, architect, pair):
    sid = jwt.decode(pair["access_token"], KEY, algorithms=["HS256"])["sid"]
    refresh(client, refresh(client, pair["refresh_token"]).get_json()["refresh_token"])
    refresh(client, pair["refresh_token"])
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "token.reused"))
    assert (event.user_id, event.subject_id) == (architect.id, sid)


def test_the_audit_of_a_refusal_names_the_account_that_was_meant_if_there_is_one(
    client, architect, as_architect
):
    closed = factories.user(deleted_at=clock.now())
    for email in (architect.email, closed.email, "nobody@example.com"):
        login(client, email, "wrong")
    wrong = {"current_password": "wrong", "new_password": PASSWORD}
    as_architect.post("/auth/password", json=wrong)
    rows = db.session.execute(
        select(AuditEvent.event, AuditEvent.user_id).order_by(AuditEvent.at)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("login.failed", architect.id),
        ("login.failed", closed.id),
        ("login.failed", None),
        ("password.refused", architect.id),
    ]
