"""Checklist 23 and 29: what a fresh start refuses, and what it does not bring along."""

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from config import ConfigurationError
from decisionlog import create_app
from decisionlog.extensions import db
from decisionlog.models import User
from tests.conftest import SETTINGS
from tests.security.production import PRODUCTION


@pytest.mark.parametrize(
    "change",
    [
        {"JWT_SECRET_KEY": ""},
        {"JWT_SECRET_KEY": "a key of thirty-one characters."},
        {"TOTP_ENCRYPTION_KEY": ""},
        {"TOTP_ENCRYPTION_KEY": SETTINGS["JWT_SECRET_KEY"]},
        {"TACTIQ_WEBHOOK_SECRET": ""},
    ],
)
def test_23_production_does_not_start_on_a_key_that_is_none(change):
    with pytest.raises(ConfigurationError, match=next(iter(change))) as refusal:
        create_app(SETTINGS | PRODUCTION | change)
    for secret in change.values():
        assert not secret or secret not in str(refusal.value)


def test_29_production_does_not_start_in_demo_mode():
    with pytest.raises(ConfigurationError, match="DEMO_MODE"):
        create_app(SETTINGS | PRODUCTION | {"DEMO_MODE": True})


def test_29_no_account_exists_after_a_fresh_migration(tmp_path):
    app = create_app(SETTINGS | {"DATABASE_URL": f"sqlite:///{tmp_path}/fresh.db"})
    with app.app_context():
        upgrade()
        assert db.session.scalar(select(func.count()).select_from(User)) == 0
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    "name", ["RATELIMIT_DEFAULT", "RATELIMIT_LOGIN", "RATELIMIT_LOGIN_ACCOUNT", "RATELIMIT_OTP"]
)
def test_a_limit_that_cannot_be_read_stops_the_start_and_is_not_ignored(name):
    with pytest.raises(ConfigurationError, match=name):
        create_app(SETTINGS | {name: "five per quarter of an hour"})


def test_an_access_token_may_not_outlive_its_session():
    with pytest.raises(ConfigurationError, match="JWT_ACCESS_TOKEN_EXPIRES"):
        create_app(SETTINGS | {"JWT_ACCESS_TOKEN_EXPIRES": 60, "JWT_REFRESH_TOKEN_EXPIRES": 59})


def test_a_blocklist_must_be_a_redis():
    with pytest.raises(ConfigurationError, match="TOKEN_BLOCKLIST_URI"):
        create_app(SETTINGS | {"TOKEN_BLOCKLIST_URI": "memory://"})
