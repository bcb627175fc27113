"""What production refuses to start on."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    from config import Settings

SECRET_MIN_LENGTH = 32
# No two may be the same. What is missing of them, development makes.
SECRETS = ("JWT_SECRET_KEY", "TACTIQ_WEBHOOK_SECRET", "TOTP_ENCRYPTION_KEY")


def check(settings: Settings) -> list[str]:
    """What makes these settings unsafe in production, a sentence each; empty when nothing does."""
    faults = [
        *_secret_faults("JWT_SECRET_KEY", settings.JWT_SECRET_KEY),
        *_secret_faults("TACTIQ_WEBHOOK_SECRET", settings.TACTIQ_WEBHOOK_SECRET or ()),
        *_secret_faults("TOTP_ENCRYPTION_KEY", settings.TOTP_ENCRYPTION_KEY),
        *_shared_secret_faults(settings),
        *_database_faults(settings),
    ]
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


def _shared_secret_faults(settings: Settings) -> list[str]:
    return [
        f"{one} and {other} share a secret"
        for one, other in combinations(SECRETS, 2)
        if set(getattr(settings, one) or ()) & set(getattr(settings, other) or ())
    ]


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
