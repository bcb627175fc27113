"""Limits beside the one per address: per account, for everybody, CAPTCHA; and their stores."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from limits.errors import StorageError
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from decisionlog import clock
from decisionlog.extensions import db, limiter
from decisionlog.models import AuditEvent
from tests.api.test_auth import login
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.problems import assert_problem


def fail(client, email, times, start=0):
    """Wrong passwords, each from another address, so that only the account counts."""
    return [
        login(client, email, "wrong", address=f"10.1.0.{start + number}").status_code
        for number in range(times)
    ]


@pytest.mark.parametrize("email", ["known", "nobody@example.com"])
def test_ten_failures_close_an_account_for_every_address(client, architect, email):
    email = architect.email if email == "known" else email
    assert fail(client, email, 10) == [401] * 10
    refused = login(client, email, address="10.2.0.1")
    assert_problem(refused, 429, "rate_limit_exceeded")
    assert int(refused.headers["Retry-After"]) > 0


def test_the_spelling_of_an_address_gives_no_new_tries(client, architect):
    for number in range(10):
        spelling = architect.email.title() if number % 2 else f" {architect.email.upper()} "
        assert login(client, spelling, "wrong", address=f"10.1.0.{number}").status_code == 401
    assert login(client, architect.email, address="10.2.0.1").status_code == 429


def test_another_account_stays_open(client, architect, director):
    fail(client, architect.email, 10)
    assert login(client, director.email, address="10.2.0.1").status_code == 200


def test_only_failures_count_against_an_account(client, architect):
    for number in range(12):
        answer = login(client, architect.email, address=f"10.1.0.{number}")
        assert answer.status_code == 200


def test_the_right_password_gives_its_own_address_no_new_tries(client, architect):
    for _ in range(4):
        login(client, architect.email, "wrong")
    assert login(client, architect.email).status_code == 200
    assert login(client, architect.email).status_code == 429


def test_there_is_a_ceiling_for_everybody_together(make_app, app):
    capped = ApiClient(make_app(RATELIMIT_LOGIN_GLOBAL="7 per 15 minutes"))
    statuses = [
        login(capped, f"person{number}@example.com", address=f"10.3.0.{number}").status_code
        for number in range(8)
    ]
    assert statuses == [401] * 7 + [429]


def test_one_address_cannot_use_up_the_ceiling_of_everybody(make_app, architect):
    capped = ApiClient(make_app(RATELIMIT_LOGIN_GLOBAL="7 per 15 minutes"))
    for number in range(20):
        login(capped, f"person{number}@example.com", address="10.3.0.1")
    assert login(capped, architect.email, address="10.3.0.2").status_code == 200


def test_parallel_guesses_get_exactly_as_many_tries_as_the_limit_says(app, architect):
    statuses = []
    email = architect.email

    def guess(number):
        answer = login(ApiClient(app), email, "wrong", address=f"10.4.0.{number}")
        statuses.append(answer.status_code)

    guesses = [threading.Thread(target=guess, args=(number,)) for number in range(16)]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert sorted(statuses) == [401] * 10 + [429] * 6


def test_the_default_limit_is_one_budget_over_all_routes(make_app, app, architect):
    limited = ApiClient(make_app(RATELIMIT_DEFAULT="4 per minute")).signed_in(architect)
    paths = ["/auth/me", "/auth/sessions", "/projects", "/auth/me", "/projects"]
    assert [limited.get(path).status_code for path in paths] == [200] * 4 + [429]
    assert limited.get("/health").status_code == 200


# Where a request comes from


def attempts(client, email, addresses, forwarded):
    return [
        client.post(
            "/auth/login",
            json={"email": email, "password": PASSWORD},
            headers={"X-Forwarded-For": header},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for address, header in zip(addresses, forwarded, strict=True)
    ]


def audited_addresses():
    return set(db.session.scalars(select(AuditEvent.ip)))


def test_a_forged_forwarded_address_changes_neither_limit_nor_audit(client, architect):
    forged = [f"203.0.113.{number}" for number in range(6)]
    assert attempts(client, architect.email, ["10.0.0.1"] * 6, forged) == [200] * 5 + [429]
    assert audited_addresses() == {"10.0.0.1"}


def test_behind_one_trusted_proxy_only_the_last_entry_counts(make_app, architect):
    proxied = ApiClient(make_app(TRUSTED_PROXIES=1))
    forged = [f"203.0.113.{number}, 198.51.100.7" for number in range(6)]
    assert attempts(proxied, architect.email, ["10.0.0.1"] * 6, forged) == [200] * 5 + [429]
    assert audited_addresses() == {"198.51.100.7"}


def test_behind_a_proxy_each_client_has_its_own_limit(make_app, architect):
    proxied = ApiClient(make_app(TRUSTED_PROXIES=1))
    clients = [f"198.51.100.{number}" for number in range(6)]
    assert attempts(proxied, architect.email, ["10.0.0.1"] * 6, clients) == [200] * 6


# A store that is away


@pytest.fixture
def without_store(make_app, app):
    """An app whose shared store answers nobody."""
    yield ApiClient(make_app(RATELIMIT_STORAGE_URI="redis://127.0.0.1:1/0"))
    # One limiter serves every app of the suite, and remembers that a store was away.
    limiter._storage_dead = False


def test_logins_are_still_limited_when_the_store_is_away(without_store, architect):
    statuses = [login(without_store, architect.email).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_accounts_are_still_limited_when_the_store_is_away(without_store, architect):
    assert fail(without_store, architect.email, 11) == [401] * 10 + [429]


@pytest.mark.parametrize("asked", ["hit", "get_window_stats"])
def test_a_thread_that_waited_for_a_dying_store_gets_no_error(
    client, architect, monkeypatch, asked
):
    # Fails where Flask-Limiter no longer calls it so, and is undone at the end.
    monkeypatch.setattr(limiter, "_storage_dead", False)

    def another_thread_has_noticed(*args, **kwargs):
        limiter._storage_dead = True
        raise StorageError(ConnectionError())

    monkeypatch.setattr(limiter._limiter, asked, another_thread_has_noticed)
    monkeypatch.setattr(limiter.storage, "check", lambda: False)
    answer = login(client, architect.email)
    assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Limit"] == "5"


def test_failures_that_a_dying_store_does_not_forget_refuse_nobody(client, architect, monkeypatch):
    def fail_to_clear(*args):
        raise StorageError(ConnectionError())

    monkeypatch.setattr(limiter._limiter, "clear", fail_to_clear)
    with capture_logs() as logged:
        assert login(client, architect.email).status_code == 200
    entry = {"event": "failures not forgotten", "log_level": "warning"}
    assert entry | {"error": "ConnectionError"} in logged


def test_without_limits_nobody_is_counted(make_app, architect):
    unlimited = ApiClient(make_app(RATELIMIT_ENABLED=False))
    assert [login(unlimited, architect.email).status_code for _ in range(6)] == [200] * 6


@pytest.mark.parametrize(
    "body", [b"x" * 70_000, b"{", b"[]", b'{"email": 7}', b'{"email": "\\ud800"}', b""]
)
def test_no_body_makes_the_limiter_take_the_store_for_dead(client, body):
    """It would then count anew in the memory of each process."""
    client.post("/auth/login", data=body, content_type="application/json")
    assert limiter._storage_dead is False


def test_a_breach_that_cannot_be_audited_is_a_breach_all_the_same(client, architect, monkeypatch):
    def fail_to_commit():
        raise OperationalError("COMMIT", None, Exception())

    for _ in range(5):
        login(client, architect.email)
    monkeypatch.setattr("decisionlog.auth.limits.db.session.commit", fail_to_commit)
    with capture_logs() as logged:
        assert login(client, architect.email).status_code == 429
    entry = {"event": "breach of a limit not recorded", "log_level": "error"}
    assert entry | {"error": "OperationalError"} in logged


# CAPTCHA


class Siteverify(ThreadingHTTPServer):
    """A provider on the loopback: every token that begins with `good` is good once."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SiteverifyHandler)
        self.asked: list[dict[str, str]] = []
        self.mode = "up"
        self.may_answer = threading.Event()


class SiteverifyHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = {name: values[0] for name, values in form.items()}
        used = asked["response"] in [earlier["response"] for earlier in self.server.asked]
        self.server.asked.append(asked)
        good = asked["response"].startswith("good") and not used
        if self.server.mode == "silent":
            self.server.may_answer.wait(5)
        self.send_response(503 if self.server.mode == "down" else 200)
        self.end_headers()
        text = b"<html>" if self.server.mode == "nonsense" else b'{"success": %s}'
        self.wfile.write(text % (b"true" if good else b"false") if b"%s" in text else text)

    def log_message(self, *args):
        pass


@pytest.fixture
def siteverify():
    server = Siteverify()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def guarded(make_app, app, siteverify):
    return ApiClient(
        make_app(
            CAPTCHA_SECRET="the provider's secret",
            CAPTCHA_VERIFY_URL=f"http://127.0.0.1:{siteverify.server_port}/siteverify",
        )
    )


def test_three_failures_are_free_then_a_captcha_is_needed(guarded, architect, siteverify):
    assert fail(guarded, architect.email, 3) == [401] * 3
    refused = login(guarded, architect.email, address="10.2.0.1")
    assert_problem(refused, 401, "captcha_required")
    assert siteverify.asked == []

    answer = login(guarded, architect.email, address="10.2.0.2", captcha_token="good 1")
    assert answer.status_code == 200
    assert siteverify.asked == [
        {"secret": "the provider's secret", "response": "good 1", "remoteip": "10.2.0.2"}
    ]


def test_an_account_that_does_not_exist_is_asked_for_a_captcha_alike(guarded):
    fail(guarded, "nobody@example.com", 3)
    refused = login(guarded, "nobody@example.com", address="10.2.0.1")
    assert_problem(refused, 401, "captcha_required")


@pytest.mark.parametrize("token", ["", "bad", "good twice"])
def test_a_bad_captcha_is_refused_before_any_credential_is_looked_at(
    guarded, architect, siteverify, monkeypatch, token
):
    fail(guarded, architect.email, 3)
    siteverify.asked.append({"response": "good twice"})
    monkeypatch.setattr("decisionlog.auth.identity.authenticate", None)
    refused = login(guarded, architect.email, address="10.2.0.1", captcha_token=token)
    assert_problem(refused, 401, "captcha_required")
    refusal = db.session.scalar(select(AuditEvent).where(AuditEvent.event.like("%captcha%")))
    assert (refusal.event, refusal.details) == ("login.captcha_refused", {"given": bool(token)})


def test_the_right_password_ends_the_need_for_a_captcha(guarded, architect):
    fail(guarded, architect.email, 3)
    login(guarded, architect.email, address="10.2.0.1", captcha_token="good 1")
    assert login(guarded, architect.email, address="10.2.0.2").status_code == 200


@pytest.mark.parametrize(
    ("mode", "error"),
    [("down", "HTTPStatusError"), ("nonsense", "JSONDecodeError"), ("silent", "ReadTimeout")],
)
def test_a_provider_that_fails_leaves_the_limits_alone_to_guard_and_the_log_says_so(
    guarded, architect, siteverify, monkeypatch, mode, error
):
    siteverify.mode = mode
    monkeypatch.setattr("decisionlog.auth.captcha.TIMEOUT_SECONDS", 0.2)
    fail(guarded, architect.email, 3)
    begun = clock.monotonic()
    with capture_logs() as logged:
        answer = login(guarded, architect.email, address="10.2.0.1", captcha_token="anything")
    assert answer.status_code == 200
    assert clock.monotonic() - begun < 3
    entry = {"event": "captcha provider fails, limits alone hold", "log_level": "warning"}
    assert entry | {"error": error} in logged


def test_a_caller_without_an_address_can_solve_a_captcha_too(guarded, architect, siteverify):
    fail(guarded, architect.email, 3)
    answer = login(guarded, architect.email, address=None, captcha_token="good 1")
    assert answer.status_code == 200
    assert siteverify.asked == [{"secret": "the provider's secret", "response": "good 1"}]


def test_without_a_secret_no_captcha_is_asked_for(client, architect):
    fail(client, architect.email, 5)
    assert login(client, architect.email, address="10.2.0.1").status_code == 200


def test_a_breach_is_in_the_audit_log_without_the_address_that_was_typed(client, app):
    for _ in range(6):
        login(client, "nobody@example.com")
    row = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "login.limited"))
    assert row.ip == "10.0.0.1"
    assert row.details == {"limit": "5 per 15 minute"}
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 6
