"""One's own sessions, name, address and password; and the stores that remember ended sessions."""

import contextlib
import socket
import threading
import uuid

import pytest
import redis
import time_machine
from flask_jwt_extended import decode_token
from sqlalchemy import func, select
from structlog.testing import capture_logs

from decisionlog import clock
from decisionlog.auth import blocklist, sessions, totp
from decisionlog.extensions import db
from decisionlog.models import RevokedToken, Session
from tests import factories
from tests.api.test_auth import events, login, refresh
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.problems import assert_problem

NEW = "another passphrase, as long"


def change_password(client, current=PASSWORD, new=NEW):
    return client.post("/auth/password", json={"current_password": current, "new_password": new})


def test_the_sessions_are_listed_with_the_present_one_marked(client, architect):
    with time_machine.travel("2026-11-03T12:00:00Z", tick=False) as then:
        old = client.signed_in(architect)
        then.shift(60)
        here = client.signed_in(architect)
        listed = here.get("/auth/sessions").get_json()["sessions"]
        assert [entry["current"] for entry in listed] == [True, False]
        assert listed[0]["last_used_at"] == "2026-11-03T12:01:00Z"
        assert set(listed[0]) == {
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "ip",
            "user_agent",
            "current",
        }
        assert old.get("/auth/me").status_code == 200


def test_a_session_says_where_it_was_begun_and_with_what(client, architect):
    client.headers = {"User-Agent": "a browser" + "!" * 300}
    token = login(client, architect.email, address="10.5.0.1").get_json()["access_token"]
    [here] = client.with_token(token).get("/auth/sessions").get_json()["sessions"]
    assert here["ip"] == "10.5.0.1"
    assert here["user_agent"] == ("a browser" + "!" * 300)[:300]


def test_a_session_elsewhere_can_be_ended(client, architect, as_architect):
    elsewhere = client.signed_in(architect)
    listed = as_architect.get("/auth/sessions").get_json()["sessions"]
    other = next(entry["id"] for entry in listed if not entry["current"])
    assert as_architect.delete(f"/auth/sessions/{other}").status_code == 204
    assert elsewhere.get("/auth/me").status_code == 401
    [here] = as_architect.get("/auth/sessions").get_json()["sessions"]
    assert here["current"]
    assert_problem(as_architect.delete(f"/auth/sessions/{other}"), 404, "resource_not_found")


def test_a_session_that_has_run_out_is_listed_no_more(client, architect):
    with time_machine.travel(clock.now(), tick=False) as then:
        client.signed_in(architect)
        then.shift(30 * 24 * 3600)
        [here] = client.signed_in(architect).get("/auth/sessions").get_json()["sessions"]
        assert here["current"]


def test_sessions_of_one_moment_are_listed_in_the_same_order_each_time(client, architect):
    with time_machine.travel(clock.now(), tick=False):
        tabs = [client.signed_in(architect) for _ in range(6)]
        ids = [entry["id"] for entry in tabs[0].get("/auth/sessions").get_json()["sessions"]]
    assert ids == sorted(ids)


def test_the_session_of_another_user_answers_like_none(client, director, as_architect):
    client.signed_in(director)
    theirs = db.session.scalar(select(Session.id).where(Session.user_id == director.id))
    answers = [
        as_architect.delete(f"/auth/sessions/{session_id}").get_json() | {"request_id": None}
        for session_id in (theirs, uuid.uuid4())
    ]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404


def test_a_session_beyond_the_cap_ends_the_one_used_longest_ago(make_app, app, architect):
    capped = ApiClient(make_app(SESSIONS_PER_USER=2))
    with time_machine.travel("2026-11-03T12:00:00Z", tick=False) as then:
        tabs = []
        for _ in range(3):
            tabs.append(capped.signed_in(architect))
            then.shift(1)
        assert [tab.get("/auth/me").status_code for tab in tabs] == [401, 200, 200]


def test_a_password_change_ends_all_other_sessions(client, architect, as_architect):
    elsewhere = login(client, architect.email).get_json()
    assert change_password(as_architect).status_code == 204
    assert as_architect.get("/auth/me").status_code == 200
    assert client.with_token(elsewhere["access_token"]).get("/auth/me").status_code == 401
    assert refresh(client, elsewhere["refresh_token"]).status_code == 401
    assert login(client, architect.email).status_code == 401
    assert login(client, architect.email, NEW).status_code == 200
    assert events("password.changed") == 1


def test_a_password_change_needs_the_current_password(client, architect, as_architect):
    assert_problem(change_password(as_architect, "wrong"), 403, "permission_denied")
    assert events("password.refused") == 1
    assert login(client, architect.email).status_code == 200


def test_a_stolen_token_gets_five_guesses_at_the_current_password(as_architect):
    statuses = [change_password(as_architect, "wrong").status_code for _ in range(5)]
    assert statuses == [403] * 5
    assert_problem(change_password(as_architect), 429, "rate_limit_exceeded")
    assert events("login.limited") == 1


def test_guesses_at_a_password_are_counted_for_their_own_account(as_architect, as_director):
    for _ in range(6):
        change_password(as_architect, "wrong")
    assert change_password(as_director).status_code == 204


def test_guesses_at_a_password_use_up_no_codes_of_the_second_factor(as_architect, architect):
    totp.begin(architect)
    db.session.commit()
    for _ in range(6):
        change_password(as_architect, "wrong")
    answer = as_architect.post("/auth/2fa/enable", json={"otp": "000000"})
    assert_problem(answer, 403, "permission_denied")


@pytest.mark.parametrize(
    "new",
    ["fourteen chars", "passwordpassword", "DecisionLog DecisionLog", "decisionlog-2026-2027!"],
)
def test_a_new_password_that_is_too_weak_is_named(as_architect, new):
    assert_problem(change_password(as_architect, new=new), 422, "validation_error", "new_password")


def test_the_own_name_can_be_changed(as_architect):
    answer = as_architect.patch("/auth/me", json={"name": "  Ana Sá "})
    assert answer.get_json()["name"] == "Ana Sá"
    assert as_architect.get("/auth/me").get_json()["name"] == "Ana Sá"


@pytest.mark.parametrize("body", [{"role": "director"}, {"name": " "}, {"name": "x" * 201}])
def test_the_own_role_and_empty_names_are_refused(as_architect, architect, body):
    assert as_architect.patch("/auth/me", json=body).status_code == 422
    assert architect.role == "architect"


def test_a_change_of_address_needs_the_password(client, architect, as_architect):
    change = {"email": "New.Address@Example.com"}
    assert_problem(as_architect.patch("/auth/me", json=change), 422, "validation_error")
    wrong = change | {"current_password": "wrong"}
    assert_problem(as_architect.patch("/auth/me", json=wrong), 403, "permission_denied")
    right = change | {"current_password": PASSWORD}
    answer = as_architect.patch("/auth/me", json=right)
    assert answer.get_json()["email"] == "new.address@example.com"
    assert login(client, "new.address@example.com").status_code == 200


def test_an_address_that_somebody_has_is_a_conflict(director, as_architect):
    change = {"email": director.email.upper(), "current_password": PASSWORD}
    assert_problem(as_architect.patch("/auth/me", json=change), 409, "conflict")


# Where ended sessions are remembered


def test_what_ran_out_is_purged_and_what_lives_is_kept(client, architect):
    with time_machine.travel(clock.now(), tick=False) as then:
        client.signed_in(architect).post("/auth/logout")
        then.shift(31 * 24 * 3600)
        living = client.signed_in(architect)
        living.post("/auth/logout")
        assert sessions.purge() == 1
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(Session)) == 1
        assert db.session.scalar(select(func.count()).select_from(RevokedToken)) == 1
        assert living.get("/auth/me").status_code == 401


def purge():
    sessions.purge()
    db.session.commit()


def test_an_ended_session_is_remembered_for_as_long_as_its_youngest_token_lives(
    make_app, architect
):
    """The second of two tabs that refresh at once gets tokens that outlive the session's row."""
    client = ApiClient(make_app(JWT_ACCESS_TOKEN_EXPIRES=100, JWT_REFRESH_TOKEN_EXPIRES=100))
    with time_machine.travel(clock.now(), tick=False) as then:
        first = login(client, architect.email).get_json()["refresh_token"]
        refresh(client, first)
        then.shift(9)
        second_tab = client.with_token(refresh(client, first).get_json()["access_token"])
        assert second_tab.post("/auth/logout").status_code == 204
        then.shift(95)
        purge()
        assert_problem(second_tab.get("/auth/me"), 401, "token_revoked")


def test_an_ended_session_is_remembered_past_shorter_settings(make_app, architect):
    long = {"JWT_ACCESS_TOKEN_EXPIRES": 100, "JWT_REFRESH_TOKEN_EXPIRES": 100}
    short = {"JWT_ACCESS_TOKEN_EXPIRES": 10, "JWT_REFRESH_TOKEN_EXPIRES": 10}
    with time_machine.travel(clock.now(), tick=False) as then:
        pair = login(ApiClient(make_app(**long)), architect.email).get_json()
        restarted = ApiClient(make_app(**short)).with_token(pair["access_token"])
        assert restarted.post("/auth/logout").status_code == 204
        then.shift(50)
        purge()
        assert_problem(restarted.get("/auth/me"), 401, "token_revoked")


def test_a_single_token_can_be_refused(client, architect):
    pair = login(client, architect.email).get_json()
    claims = decode_token(pair["access_token"])
    blocklist.add(claims["jti"], clock.now())
    db.session.commit()
    assert_problem(client.with_token(pair["access_token"]).get("/auth/me"), 401, "token_revoked")
    assert refresh(client, pair["refresh_token"]).status_code == 200


def test_a_blocklist_in_redis_remembers_too(make_app, redis_url, architect):
    if redis_url is None:
        pytest.skip("needs TEST_REDIS_URL")
    signed_in = ApiClient(make_app(TOKEN_BLOCKLIST_URI=redis_url)).signed_in(architect)
    assert signed_in.get("/auth/me").status_code == 200
    assert signed_in.post("/auth/logout").status_code == 204
    assert_problem(signed_in.get("/auth/me"), 401, "token_revoked")
    assert db.session.scalar(select(func.count()).select_from(RevokedToken)) == 0
    store = redis.from_url(redis_url)
    keys = list(store.scan_iter("decisionlog:revoked:*"))
    assert len(keys) == 1
    assert 29 * 24 * 3600 < store.ttl(keys[0]) <= 30 * 24 * 3600
    store.close()


def test_a_blocklist_that_does_not_answer_lets_nobody_in(make_app, app, architect):
    closed = ApiClient(make_app(TOKEN_BLOCKLIST_URI="redis://127.0.0.1:1/0")).signed_in(architect)
    with capture_logs() as logged:
        assert_problem(closed.get("/auth/me"), 503, "service_unavailable")
    entry = {"event": "token blocklist unreachable", "log_level": "error"}
    assert entry | {"error": "ConnectionError"} in logged
    assert_problem(closed.post("/auth/logout"), 503, "service_unavailable")


@pytest.fixture(params=["takes connections", "takes none"])
def silent_redis(request):
    """Says nothing for ten seconds, to connections that it takes or leaves waiting."""
    with contextlib.ExitStack() as opened:
        server = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        if request.param == "takes none":
            # The queue has room for one.
            opened.enter_context(socket.create_connection(server.getsockname()))
        timer = threading.Timer(10, server.close)
        timer.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        timer.cancel()


def test_a_blocklist_that_is_silent_holds_no_request_up(
    make_app, app, architect, silent_redis, monkeypatch
):
    monkeypatch.setattr(blocklist, "REDIS_TIMEOUT_SECONDS", 0.1)
    waiting = ApiClient(make_app(TOKEN_BLOCKLIST_URI=silent_redis)).signed_in(architect)
    begun = clock.monotonic()
    assert_problem(waiting.get("/auth/me"), 503, "service_unavailable")
    assert clock.monotonic() - begun < 8


def test_a_closed_account_is_out_at_the_next_request(client, as_architect, architect):
    pair = login(client, architect.email).get_json()
    architect.deleted_at = clock.now()
    db.session.commit()
    assert_problem(as_architect.get("/auth/me"), 401, "authentication_failed")
    assert refresh(client, pair["refresh_token"]).status_code == 401


def test_a_demoted_director_is_one_no_more_at_the_next_request(as_director, director):
    factories.user(role="director")
    assert as_director.get("/users").status_code == 200
    director.role = "architect"
    db.session.commit()
    assert_problem(as_director.get("/users"), 403, "permission_denied")
