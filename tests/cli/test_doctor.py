"""`flask doctor`: what it says of a healthy site, and of each thing that may be wrong."""

import os
import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

import config
from decisionlog import clock
from decisionlog.auth import sealing
from decisionlog.extensions import db, limiter
from decisionlog.models import OutgoingWebhook
from tests import factories, mail_server, sentry_server
from tests.conftest import SETTINGS


@pytest.fixture
def says(make_app, app):
    """What the doctor says, and its exit status, under some settings."""

    def run(**changes):
        patient = make_app(**changes)
        with patient.app_context():
            result = patient.test_cli_runner().invoke(args=["doctor"])
        return result.exit_code, result.output

    yield run
    limiter._storage_dead = False
    sentry_server.end_reporting()


def test_a_healthy_site_has_no_fault(says, director):
    status, words = says()
    assert status == 0, words
    assert "fault" not in words
    assert "the schema is the newest" in words
    assert "0 of 1 directors have a second factor" in words
    assert "the offline extractor" in words


def test_it_says_how_claude_is_asked(says):
    key = {"ANTHROPIC_API_KEY": "sk-ant-secret"}
    assert "Claude, claude-sonnet-5-5, asked directly" in says(**key)[1]
    assert "by batches: an answer may take a day" in says(**key, EXTRACTION_MODE="batch")[1]
    status, words = says(EXTRACTION_MODE="batch")
    assert "EXTRACTION_MODE=batch has no effect without a key" in words
    assert status == 0


def test_it_shows_no_secret(says):
    _, words = says(ANTHROPIC_API_KEY="sk-ant-secret", CAPTCHA_SECRET="the captcha secret")
    for secret in (*SETTINGS.values(), "sk-ant-secret", "the captcha secret"):
        if isinstance(secret, str) and len(secret) > 20:
            assert secret not in words


def test_development_learns_what_production_would_refuse(says):
    _, words = says(CORS_ORIGINS="*")
    assert "production would refuse to start: CORS_ORIGINS" in words


def test_it_says_that_nobody_directs(says):
    assert "there is no director" in says()[1]


@pytest.mark.parametrize(
    "broken",
    [
        {"QUEUE_URL": "redis://:hunter2@127.0.0.1:1/0"},
        {"RATELIMIT_STORAGE_URI": "redis://:hunter2@127.0.0.1:1/0"},
        {"TOKEN_BLOCKLIST_URI": "redis://:hunter2@127.0.0.1:1/0"},
    ],
)
def test_what_does_not_answer_is_a_fault_told_without_its_password(says, broken):
    status, words = says(**broken)
    assert status == 1
    assert "does not answer" in words
    assert "hunter2" not in words


def test_an_old_schema_is_a_fault(says, tmp_path):
    status, words = says(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert status == 1
    assert "flask db upgrade" in words


def test_a_second_factor_whose_key_is_gone_is_a_fault(says, director):
    director.totp_secret = sealing.seal("a secret")
    db.session.commit()
    assert says()[0] == 0
    status, words = says(TOTP_ENCRYPTION_KEY="some other key that is as long as it must be")
    assert status == 1
    assert "1 second factors need a TOTP_ENCRYPTION_KEY" in words


def test_a_webhook_whose_key_is_gone_is_a_fault(says, director, project):
    sealed = sealing.seal("whsec_c2VjcmV0")
    db.session.add(
        OutgoingWebhook(
            project_id=project.id, url="https://x", secret=sealed, events=[], created_by=director.id
        )
    )
    db.session.commit()
    assert "encrypted secrets: 1 can be read" in says()[1]
    status, words = says(TOTP_ENCRYPTION_KEY="some other key that is as long as it must be")
    assert status == 1
    assert "1 outgoing webhooks need a TOTP_ENCRYPTION_KEY" in words


def test_an_old_key_is_named_where_its_age_is_known(says, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "INSTANCE_DIR", tmp_path)
    for name in ("JWT_SECRET_KEY", "TOTP_ENCRYPTION_KEY"):
        (tmp_path / name.lower()).write_text(SETTINGS[name])
    old = time.time() - 400 * 24 * 3600
    os.utime(tmp_path / "jwt_secret_key", (old, old))
    _, words = says()
    assert "JWT_SECRET_KEY is 400 days old" in words
    assert "TOTP_ENCRYPTION_KEY was made 0 days ago" in words
    assert "TACTIQ_WEBHOOK_SECRET holds 1, from the settings, of unknown age" in words


def test_a_redis_that_may_forget_is_a_fault(says, redis_url):
    if redis_url is None:
        pytest.skip("needs TEST_REDIS_URL")
    status, words = says(TOKEN_BLOCKLIST_URI=redis_url)
    assert ("Redis needs" in words) == (status == 1)


@pytest.mark.parametrize(
    ("free", "verdict"), [(5 * 1024**3, "good"), (500 * 1024**2, "note"), (1024**2, "fault")]
)
def test_a_disk_that_fills_up_is_told(says, tmp_path, monkeypatch, free, verdict):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
    _, words = says(DATABASE_URL=f"sqlite:///{tmp_path}/test.db")
    assert re.search(rf"{verdict} +disk: {free / 1024**3:.1f} GiB", words)


def test_a_clock_that_differs_from_the_database_s_is_a_fault(says, database_url):
    if database_url.startswith("sqlite"):
        pytest.skip("needs TEST_DATABASE_URL")
    assert "its clock agrees" in says()[1]
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        status, words = says()
    assert status == 1
    assert re.search("clock and this machine's are 1[78][0-9] seconds apart", words)


def test_a_transcript_that_nobody_takes_is_a_fault(says, project):
    assert "transcripts: 0 due; none worked on yet" in says()[1]
    factories.transcript(project, next_attempt_at=clock.now() - timedelta(minutes=9))
    status, words = says()
    assert (status, "transcripts: 1 due" in words) == (0, True)
    factories.transcript(project, next_attempt_at=clock.now() - timedelta(minutes=25))
    status, words = says()
    assert status == 1
    assert "one has been due for 25 minutes, no worker runs" in words


def test_the_last_attempt_and_what_failed_are_told(says, project):
    done = factories.transcript(project, status="failed")
    run = factories.run(done, status="failed")
    status, words = says()
    assert status == 0
    assert f"a worker began the last attempt {clock.iso(run.started_at)}" in words
    assert "1 failed: flask transcripts list --status failed" in words


def test_a_mail_server_is_greeted(says):
    assert "SMTP_HOST is empty" in says()[1]
    with mail_server.serving() as mailbox:
        status, words = says(**mailbox.settings)
    assert (status, "mail: 127.0.0.1 lets us in" in words) == (0, True)
    assert mailbox.got == []


def test_a_mail_server_that_is_away_or_refuses_us_is_a_fault(says):
    with mail_server.serving() as mailbox:
        account = {"SMTP_USERNAME": "decisionlog", "SMTP_PASSWORD": "hunter2"}
        status, words = says(**mailbox.settings | account)
    assert (status, "mail: does not answer (SMTP" in words) == (1, True)
    assert "hunter2" not in words
    status, words = says(**mailbox.settings)
    assert (status, "mail: does not answer (Conn" in words) == (1, True)


def test_it_says_who_may_read_the_metrics(says):
    assert "metrics: only this machine itself may ask" in says()[1]
    _, words = says(METRICS_TOKEN="a token that only Prometheus has")
    assert "metrics: METRICS_TOKEN opens them" in words
    assert "only Prometheus" not in words


def test_it_says_where_unexpected_errors_are_reported(says):
    assert "error reports: unexpected errors stand in the log only" in says()[1]
    with sentry_server.serving() as sentry:
        status, words = says(SENTRY_DSN=sentry.dsn)
        assert status == 0
        assert "unexpected errors are reported to 127.0.0.1, which answers" in words
        assert "0123456789abcdef" not in words
    assert sentry.envelopes == []
    status, words = says(SENTRY_DSN=sentry.dsn)
    assert (status, "error reports: does not answer (Conn" in words) == (1, True)


def test_directors_with_a_second_factor_are_counted(says, director):
    factories.user(role="director", totp_enabled_at=director.created_at)
    assert "1 of 2 directors have a second factor" in says()[1]
