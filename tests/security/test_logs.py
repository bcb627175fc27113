"""Checklist 33: what a log never holds, and that no input forges a line of it."""

import io
import json
import logging
import traceback

import pyotp
import pytest
from sqlalchemy.exc import IntegrityError

from decisionlog import clock, logs
from decisionlog.extensions import db
from decisionlog.models import User
from tests import factories
from tests.api_client import ApiClient
from tests.factories import PASSWORD
from tests.security.production import PRODUCTION

SPEECH = "[00:00:05] Ana: The vault's combination stays between us.\n"


@pytest.fixture
def logged(make_app, app, plain_database):
    """A production app at its most talkative, and what it logs."""
    app = make_app(**PRODUCTION | {"LOG_LEVEL": "DEBUG", "CAPTCHA_SECRET": ""})
    stream = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
    return ApiClient(app), stream


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_33_no_secret_token_code_or_transcript_is_ever_logged(logged, project, monkeypatch):
    client, stream = logged
    person = factories.user(email="person@example.com")
    tokens = client.post(
        "/auth/login", json={"email": person.email, "password": PASSWORD}
    ).get_json()
    signed_in = client.with_token(tokens["access_token"])
    enrolment = signed_in.post("/auth/2fa/setup", json={"current_password": PASSWORD}).get_json()
    otp = pyotp.TOTP(enrolment["secret"]).at(clock.now())
    codes = signed_in.post("/auth/2fa/enable", json={"otp": otp}).get_json()["recovery_codes"]
    client.post("/auth/login", json={"email": person.email, "password": "a wrong passphrase"})
    client.post("/auth/login", json={"email": person.email, "password": PASSWORD, "otp": codes[0]})
    client.with_token(tokens["refresh_token"]).post("/auth/refresh")
    client.get(f"/auth/me?access_token={tokens['access_token']}")
    delivery = {"webhook_id": "d1", "project_id": str(project.id), "transcript": SPEECH}
    assert client.deliver(delivery).status_code == 202
    client.deliver(delivery, secret="a guessed webhook secret, long enough")
    monkeypatch.setattr("decisionlog.webhook.routes.take_in", fail_over(SPEECH, PASSWORD))
    assert client.deliver(delivery | {"webhook_id": "d2"}).status_code == 500

    text = stream.getvalue()
    assert "unexpected error" in text
    for secret in (
        PASSWORD,
        "a wrong passphrase",
        "a guessed webhook secret",
        *tokens.values(),
        enrolment["secret"],
        otp,
        *codes,
        "combination",
        client.app.config["TACTIQ_WEBHOOK_SECRET"][0],
        client.app.config["JWT_SECRET_KEY"][0],
        client.app.config["TOTP_ENCRYPTION_KEY"][0],
    ):
        assert str(secret) not in text


def fail_over(text, password):
    """A failure in the middle of a statement that carries a transcript and a hash."""

    def fail(*args, **kwargs):
        db.session.add(User(email=text, name=password, role="architect", password_hash=None))
        db.session.flush()

    return fail


def test_33_a_failing_statement_is_logged_without_its_values(app):
    address = "-".join(["an", "address"])  # or the traceback would show it as source
    with pytest.raises(IntegrityError) as failure:
        fail_over(address, "a password")()
    logged = {"exception": "".join(traceback.format_exception(failure.value))}
    shown = logs.redact(None, "error", logged)["exception"]
    assert "IntegrityError" in shown
    assert address not in shown


@pytest.mark.parametrize(
    ("event", "hidden"),
    [
        ({"password": "x1"}, "x1"),
        ({"new_password": "x1"}, "x1"),
        ({"token": "x1"}, "x1"),
        ({"otp": "123456"}, "123456"),
        ({"captcha_token": "x1"}, "x1"),
        ({"Authorization": "Bearer x1"}, "x1"),
        ({"event": "got Bearer abc.def"}, "abc.def"),
        ({"event": "eyJhbGciOi.eyJzdWIi.c2ln was refused"}, "eyJzdWIi"),
        ({"event": "token dlt_abc123"}, "abc123"),
        ({"event": "key sk-ant-abc123"}, "abc123"),
        ({"url": "postgresql://app:hunter2@db/decisionlog"}, "hunter2"),
        ({"transcript": SPEECH}, "combination"),
        ({"headers": {"Authorization": "Bearer x1"}}, "x1"),
        ({"tried": ["Bearer abc.def"]}, "abc.def"),
    ],
)
def test_33_secrets_are_hidden_by_key_and_by_shape(event, hidden):
    assert hidden not in str(logs.redact(None, "info", dict(event)))


def test_33_what_counts_tokens_is_no_token():
    event = {"input_tokens": 5, "transcript_id": "abc", "event": "extracted"}
    assert logs.redact(None, "info", dict(event)) == event


@pytest.mark.parametrize("forged", ['x\n{"event": "admin logged in"}', "x\r\nforged", "x\u2028y"])
def test_33_line_breaks_in_input_forge_no_line(logged, forged):
    _, stream = logged
    logging.getLogger("test").warning("refused %s", forged)
    assert len([entry for entry in lines(stream) if entry["logger"] == "test"]) == 1
    assert all(
        "admin" not in entry["event"] or "refused" in entry["event"] for entry in lines(stream)
    )
