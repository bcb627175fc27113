"""The settings: typed, named when wrong, and safe in production or not at all."""

import pytest

import config
from config import ConfigurationError
from decisionlog.production import SECRET_MIN_LENGTH

SAFE = {
    "APP_ENV": "production",
    "JWT_SECRET_KEY": "kq3vN8r1xW5zT7pL2mB9cD4fG6hJ0sYa",
    "TACTIQ_WEBHOOK_SECRET": "Zb7Yc2Xd9We4Vf1Ug6Th3Si8Rj5Qk0Pl",
    "TOTP_ENCRYPTION_KEY": "mQ4xYb7cTz1Kd9Wf2Rg5Hj8Ns3Pv6LaE",
    "DATABASE_URL": "postgresql://app@db.example.com/decisionlog?sslmode=verify-full",
    "CORS_ORIGINS": "https://decisions.example.com",
}


@pytest.fixture(autouse=True)
def instance(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "INSTANCE_DIR", tmp_path / "instance")
    return tmp_path / "instance"


def test_safe_production_settings_are_accepted():
    assert config.load(SAFE).production


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"JWT_SECRET_KEY": ""}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "short"}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "x" * 40}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "please-change-me-before-production-0123"}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": f"{SAFE['JWT_SECRET_KEY']},{SAFE['JWT_SECRET_KEY']}"}, "twice"),
        ({"JWT_SECRET_KEY": SAFE["TACTIQ_WEBHOOK_SECRET"]}, "share"),
        ({"TACTIQ_WEBHOOK_SECRET": ""}, "TACTIQ_WEBHOOK_SECRET"),
        ({"DEMO_MODE": "true"}, "DEMO_MODE"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS"),
        ({"CORS_ORIGINS": "https://*.example.com"}, "CORS_ORIGINS"),
        ({"BCRYPT_ROUNDS": "10"}, "BCRYPT_ROUNDS"),
        ({"RATELIMIT_ENABLED": "false"}, "RATELIMIT_ENABLED"),
        ({"WEB_CONCURRENCY": "4"}, "RATELIMIT_STORAGE_URI"),
        ({"DATABASE_URL": "postgresql://app@db.example.com/decisionlog"}, "sslmode"),
        ({"DATABASE_URL": "postgresql://app@db.example.com/d?sslmode=prefer"}, "sslmode"),
        ({"DATABASE_URL": "sqlite:///d.db", "WEB_CONCURRENCY": "2"}, "PostgreSQL"),
    ],
)
def test_production_refuses_an_unsafe_setting_by_name(change, names):
    with pytest.raises(ConfigurationError, match=names):
        config.load(SAFE | change)


def test_production_names_every_fault_at_once():
    with pytest.raises(ConfigurationError) as refusal:
        config.load(SAFE | {"JWT_SECRET_KEY": "", "DEMO_MODE": True, "CORS_ORIGINS": "*"})
    for name in ("JWT_SECRET_KEY", "DEMO_MODE", "CORS_ORIGINS"):
        assert name in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///decisionlog",
        "postgresql:///decisionlog?host=/var/run/postgresql",
        "sqlite:///d.db",
    ],
)
def test_a_database_without_a_network_needs_no_tls(url):
    assert config.load(SAFE | {"DATABASE_URL": url})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_URL", "hunter2"),
        ("QUEUE_URL", "amqp://u:hunter2@h"),
        ("EXTRACTION_MAX_ATTEMPTS", "hunter2"),
        ("TRUSTED_PROXIES", "-1"),
        ("APP_ENV", "hunter2"),
        ("EXTRACTION_TIMEOUT_SECONDS", "301"),
    ],
)
def test_a_wrong_value_is_named_and_never_shown(name, value):
    with pytest.raises(ConfigurationError) as refusal:
        config.load({name: value})
    assert name in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_secrets_are_not_in_the_settings_repr():
    assert SAFE["JWT_SECRET_KEY"] not in repr(config.load(SAFE))


def test_development_makes_its_secrets_once_and_keeps_them(instance, monkeypatch):
    monkeypatch.delenv("JWT_SECRET_KEY", raising=False)
    first, second = config.load({}), config.load({})
    assert first.JWT_SECRET_KEY == second.JWT_SECRET_KEY
    assert len(first.JWT_SECRET_KEY[0]) >= SECRET_MIN_LENGTH
    assert first.JWT_SECRET_KEY != first.TACTIQ_WEBHOOK_SECRET
    for path in instance.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_webhook_secret_that_is_set_but_empty_stays_empty():
    assert config.load({"TACTIQ_WEBHOOK_SECRET": ""}).TACTIQ_WEBHOOK_SECRET == ()


def test_lists_are_split_at_commas():
    settings = config.load({"CORS_ORIGINS": " https://a.example , https://b.example,"})
    assert settings.CORS_ORIGINS == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d"])
def test_postgresql_goes_through_psycopg_3(url):
    assert config.load({"DATABASE_URL": url}).DATABASE_URL == "postgresql+psycopg://u@h/d"


def test_the_queue_lies_beside_the_database():
    sqlite = config.flask_config(config.load({"DATABASE_URL": "sqlite:////var/lib/dl/dl.db"}))
    assert sqlite["QUEUE_URL"] == "sqlite:////var/lib/dl/queue.db"
    postgres = config.flask_config(config.load({"DATABASE_URL": "postgresql://u@h/d"}))
    assert postgres["QUEUE_URL"].startswith("postgresql")


def test_similarity_by_meaning_needs_its_extra(monkeypatch):
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"SIMILARITY.*semantic"):
        config.load({"SIMILARITY": "meaning"})
    monkeypatch.setattr(config, "find_spec", lambda name: object())
    assert config.load({"SIMILARITY": "meaning"}).SIMILARITY == "meaning"
