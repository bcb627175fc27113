"""Proofs that a delivery comes from who holds a secret. Pure: bytes and headers in, verdict out."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from standardwebhooks import Webhook, WebhookVerificationError

SIGNATURE = "X-Tactiq-Signature"
TIMESTAMP = "X-Tactiq-Timestamp"
STANDARD_SIGNATURE = "webhook-signature"
SCHEME = "sha256="


def sign(secret: str, body: bytes, timestamp: str | None = None) -> str:
    """The value of `X-Tactiq-Signature`: `sha256=` and the hex HMAC-SHA-256 of the raw body, or of
    `<timestamp>.<body>` where the sender gives a time (Unix seconds)."""
    signed = body if timestamp is None else timestamp.encode() + b"." + body
    return SCHEME + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(
    secrets: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: float,
) -> bool:
    """Whether any of the secrets signed this body, no more than `tolerance` seconds ago.

    Standard Webhooks headers are checked by that specification's library, whose tolerance is
    always five minutes; everything else by `X-Tactiq-Signature`.
    """
    if STANDARD_SIGNATURE in headers:
        return is_standard(secrets, headers, body)
    timestamp = headers.get(TIMESTAMP)
    if timestamp is not None and not _is_recent(timestamp, now, tolerance):
        return False
    return _is_offered(headers.get(SIGNATURE, ""), (sign(s, body, timestamp) for s in secrets))


def is_hex_hmac(secrets: Iterable[str], offered: str, body: bytes) -> bool:
    """Whether `offered` is the bare hex HMAC-SHA-256 of the raw body under any of the secrets."""
    return _is_offered(offered, (sign(secret, body).removeprefix(SCHEME) for secret in secrets))


def is_standard(secrets: Iterable[str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the Standard Webhooks headers prove the body under any of the secrets."""
    return any(_standard(secret, headers, body) for secret in secrets)


def _is_offered(offered: str, right: Iterable[str]) -> bool:
    # No short cut: the time must not tell which of the secrets came close.
    matches = [hmac.compare_digest(value.encode(), offered.encode()) for value in right]
    return any(matches)


def _is_recent(timestamp: str, now: datetime, tolerance: float) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= tolerance


def _standard(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    key = secret if secret.startswith("whsec_") else secret.encode()
    try:
        Webhook(key).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
