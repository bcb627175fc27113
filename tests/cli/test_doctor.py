"""`flask doctor`: what it says of a healthy site, and of each thing that may be wrong."""

import os
import time

import pytest

import config
from decisionlog.auth import sealing
from decisionlog.extensions import db, limiter
from decisionlog.models import OutgoingWebhook
from tests import factories
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


def test_directors_with_a_second_factor_are_counted(says, director):
    factories.user(role="director", totp_enabled_at=director.created_at)
    assert "1 of 2 directors have a second factor" in says()[1]
