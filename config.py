"""Every setting, once: its name, type, unit, default and reason.

Values come from the environment, then from `.env` beside this file. In development the secrets
that are missing are made once and kept in `instance/`; production refuses to start without them.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import click
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

BASE_DIR = Path(__file__).resolve().parent
INSTANCE_DIR = BASE_DIR / "instance"
MEBIBYTE = 1024 * 1024
SECRET_MIN_LENGTH = 32


class ConfigurationError(click.ClickException):
    """A setting is wrong or unsafe. Shown as one line by the CLI, stops gunicorn at boot."""


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Names are the environment variables'. Lists are comma-separated."""

    model_config = SettingsConfigDict(
        env_file=BASE_DIR / ".env", extra="ignore", env_ignore_empty=False, frozen=True
    )

    APP_ENV: Literal["development", "production"] = Field(
        "development", description="`production` turns on HSTS, JSON logs and the start-up check"
    )
    DEMO_MODE: bool = Field(
        False,
        description="allows `flask seed` and `flask demo`, whose accounts have known passwords",
    )
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least severe level that is logged"
    )

    DATABASE_URL: str = Field(
        "sqlite:///instance/decisionlog.db",
        repr=False,
        description="SQLAlchemy URL: SQLite (relative to the project's folder) or PostgreSQL",
    )
    QUEUE_URL: str = Field(
        "",
        repr=False,
        description="where the worker is woken up: `sqlite:///…`, `redis://…`, `postgresql://…`;"
        " empty: a SQLite file beside the database, or the PostgreSQL database itself",
    )
    WEB_CONCURRENCY: int = Field(
        0, ge=0, le=128, description="gunicorn worker processes; 0: gunicorn.conf.py decides"
    )

    JWT_SECRET_KEY: CommaSeparated = Field(
        (),
        repr=False,
        description="keys of the access and refresh tokens, 32 characters or more each;"
        " the first signs, all verify",
    )
    JWT_ACCESS_TOKEN_EXPIRES: timedelta = Field(
        timedelta(days=7), description="life of an access token (seconds, or ISO 8601 as `P7D`)"
    )
    JWT_REFRESH_TOKEN_EXPIRES: timedelta = Field(
        timedelta(days=30), description="life of a session that is not refreshed"
    )
    BCRYPT_ROUNDS: int = Field(
        12, ge=4, le=16, description="log2 of bcrypt's work; below 12 only outside production"
    )
    TRUSTED_PROXIES: int = Field(
        0,
        ge=0,
        le=10,
        description="reverse proxies in front; only that many X-Forwarded-For entries are believed",
    )
    CORS_ORIGINS: CommaSeparated = Field(
        ("http://localhost:5173", "http://localhost:3000"),
        description="exact origins of the frontends that may read the API",
    )

    RATELIMIT_ENABLED: bool = Field(True, description="turns every rate limit on or off")
    RATELIMIT_DEFAULT: str = Field("100 per minute", description="per IP over the whole API")
    RATELIMIT_LOGIN: str = Field("5 per 15 minutes", description="login attempts per IP")
    RATELIMIT_WEBHOOK: str = Field(
        "600 per minute", description="webhook deliveries per IP, instead of the default"
    )
    RATELIMIT_STORAGE_URI: str = Field(
        "memory://", repr=False, description="`memory://`, or `redis://…` for several processes"
    )

    TACTIQ_WEBHOOK_SECRET: CommaSeparated | None = Field(
        None,
        repr=False,
        description="secrets of the transcript webhook, 32 characters or more each; every one is"
        " accepted; set but empty: the webhook answers 503",
    )
    WEBHOOK_TOLERANCE_SECONDS: int = Field(
        300, ge=1, le=3600, description="age at which a signed timestamp is refused"
    )
    WEBHOOK_MAX_BYTES: int = Field(
        10 * MEBIBYTE, ge=1024, description="largest body of a webhook or a transcript upload"
    )

    ANTHROPIC_API_KEY: str = Field(
        "", repr=False, description="key of the Claude API; empty: the offline extractor works"
    )
    ANTHROPIC_BASE_URL: str = Field(
        "", description="another address that speaks the Messages API; empty: the SDK's own"
    )
    EXTRACTION_MODEL: str = Field("claude-sonnet-5-5", description="the Claude model")
    EXTRACTION_TIMEOUT_SECONDS: float = Field(
        240, gt=0, description="how long one Claude call may take; keep it under the lease"
    )
    EXTRACTION_PARALLEL: int = Field(
        4, ge=1, le=32, description="parts of one long meeting that are sent to Claude at once"
    )
    EXTRACTION_LEASE_SECONDS: float = Field(
        300, gt=0, description="how long a silent worker keeps a transcript before it is taken over"
    )
    EXTRACTION_MAX_ATTEMPTS: int = Field(
        5, ge=1, description="attempts before a transcript ends as failed"
    )
    SWEEP_SECONDS: float = Field(
        60, gt=0, description="how often the worker looks for transcripts that no signal announced"
    )

    OUTGOING_WEBHOOKS_PRIVATE: bool = Field(
        False, description="lets outgoing webhooks go to private and loopback addresses, over http"
    )
    SMTP_HOST: str = Field("", description="mail server of the weekly digest; empty: no mail")
    SMTP_PORT: int = Field(587, ge=1, le=65535, description="port of the mail server")
    SMTP_SECURITY: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the connection to the mail server is encrypted"
    )
    SMTP_USERNAME: str = Field("", description="account at the mail server; empty: no login")
    SMTP_PASSWORD: str = Field("", repr=False, description="its password")
    MAIL_FROM: str = Field("decisionlog@localhost", description="sender of the weekly digest")

    @field_validator("DATABASE_URL")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError as error:
            raise ValueError("not a database URL") from error
        backend = url.get_backend_name().replace("postgres", "postgresql", 1)
        if backend.startswith("postgresql"):
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        if url.get_backend_name() != "sqlite":
            raise ValueError("must be SQLite or PostgreSQL")
        if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
            url = url.set(database=str(BASE_DIR / url.database))
        return url.render_as_string(hide_password=False)

    @model_validator(mode="after")
    def _lease_outlives_a_call(self) -> "Settings":
        if self.EXTRACTION_TIMEOUT_SECONDS >= self.EXTRACTION_LEASE_SECONDS:
            raise ValueError(
                "EXTRACTION_TIMEOUT_SECONDS must be shorter than EXTRACTION_LEASE_SECONDS"
            )
        return self

    @property
    def production(self) -> bool:
        return self.APP_ENV == "production"


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings, with `overrides` before the environment.

    Raises ConfigurationError, which names the settings at fault and never shows their values.
    """
    try:
        settings = Settings(**(overrides or {}))
    except ValidationError as error:
        faults = (
            f"{'.'.join(map(str, fault['loc'][:1])) or 'settings'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError("; ".join(faults)) from None
    if settings.production:
        faults = check(settings)
        if faults:
            raise ConfigurationError("unsafe for production: " + "; ".join(faults))
        return settings
    return _with_development_secrets(settings)


def flask_config(settings: Settings) -> dict[str, Any]:
    """The settings as Flask and its extensions want them."""
    return settings.model_dump() | {
        "QUEUE_URL": settings.QUEUE_URL or _queue_beside(settings.DATABASE_URL),
        "SQLALCHEMY_DATABASE_URI": settings.DATABASE_URL,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "MAX_CONTENT_LENGTH": settings.WEBHOOK_MAX_BYTES,
        "MAX_FORM_MEMORY_SIZE": settings.WEBHOOK_MAX_BYTES,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": False,
        "CORS_EXPOSE_HEADERS": ["ETag", "Retry-After", "X-Request-ID"],
        "CORS_MAX_AGE": 600,
    }


def _queue_beside(database_url: str) -> str:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return database_url
    in_memory = url.database in (None, "", ":memory:")
    folder = INSTANCE_DIR if in_memory else Path(url.database).parent
    return f"sqlite:///{folder / 'queue.db'}"


def check(settings: Settings) -> list[str]:
    """What makes these settings unsafe in production, a sentence each; empty when nothing does."""
    faults = [
        *_secret_faults("JWT_SECRET_KEY", settings.JWT_SECRET_KEY),
        *_secret_faults("TACTIQ_WEBHOOK_SECRET", settings.TACTIQ_WEBHOOK_SECRET or ()),
        *_database_faults(settings),
    ]
    if set(settings.JWT_SECRET_KEY) & set(settings.TACTIQ_WEBHOOK_SECRET or ()):
        faults.append("JWT_SECRET_KEY and TACTIQ_WEBHOOK_SECRET share a secret")
    if settings.DEMO_MODE:
        faults.append("DEMO_MODE must be off")
    if any("*" in origin for origin in settings.CORS_ORIGINS):
        faults.append("CORS_ORIGINS must name exact origins, not *")
    if settings.BCRYPT_ROUNDS < 12:
        faults.append("BCRYPT_ROUNDS must be 12 or more")
    if not settings.RATELIMIT_ENABLED:
        faults.append("RATELIMIT_ENABLED must be on")
    if settings.WEB_CONCURRENCY > 1 and settings.RATELIMIT_STORAGE_URI.startswith("memory:"):
        faults.append(
            "RATELIMIT_STORAGE_URI must be shared (redis://…) with WEB_CONCURRENCY above 1"
        )
    return faults


def _secret_faults(name: str, values: tuple[str, ...]) -> list[str]:
    if not values:
        return [f"{name} is missing"]
    faults = []
    if any(len(value) < SECRET_MIN_LENGTH for value in values):
        faults.append(f"{name} needs {SECRET_MIN_LENGTH} characters or more")
    if any(len(set(value)) < 10 or "change" in value.lower() for value in values):
        faults.append(f"{name} looks like a placeholder")
    if len(set(values)) < len(values):
        faults.append(f"{name} holds the same secret twice")
    return faults


def _database_faults(settings: Settings) -> list[str]:
    url = make_url(settings.DATABASE_URL)
    if url.get_backend_name() == "sqlite":
        if settings.WEB_CONCURRENCY > 1:
            return ["DATABASE_URL must be PostgreSQL with WEB_CONCURRENCY above 1"]
        return []
    if _is_unix_socket(url) or url.query.get("sslmode") in ("require", "verify-ca", "verify-full"):
        return []
    return ["DATABASE_URL needs sslmode=require or stronger"]


def _is_unix_socket(url: URL) -> bool:
    host = url.query.get("host", url.host)
    return not host or str(host).startswith("/")


def _with_development_secrets(settings: Settings) -> Settings:
    made = {}
    if not settings.JWT_SECRET_KEY:
        made["JWT_SECRET_KEY"] = (_development_secret("jwt_secret_key"),)
    if settings.TACTIQ_WEBHOOK_SECRET is None:
        made["TACTIQ_WEBHOOK_SECRET"] = (_development_secret("tactiq_webhook_secret"),)
    return settings.model_copy(update=made)


def _development_secret(name: str) -> str:
    path = INSTANCE_DIR / name
    if not path.exists():
        INSTANCE_DIR.mkdir(exist_ok=True)
        # Several processes may start at once: a hard link appears whole or not at all, and the
        # second one to try reads what the first one made.
        with tempfile.NamedTemporaryFile("w", dir=INSTANCE_DIR) as fresh:
            fresh.write(secrets.token_urlsafe(48))
            fresh.flush()
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_text()
