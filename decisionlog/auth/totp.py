"""The second factor: time-based one-time passwords (RFC 6238) and recovery codes."""

import base64
import hashlib
import hmac
import io
import secrets

import pyotp
import structlog
from sqlalchemy import delete, or_, update

from decisionlog import clock
from decisionlog.auth import sealing
from decisionlog.extensions import db
from decisionlog.models import RecoveryCode, User

log = structlog.get_logger()

ISSUER = "DecisionLog"
STEP_SECONDS = 30
# A clock may be one step early or late (RFC 6238 section 5.2).
DRIFT_STEPS = 1
RECOVERY_CODES = 10
# 120 bits: enough for a plain hash to keep them (ASVS 5.0, 6.5.2).
RECOVERY_BYTES = 15


def is_on(user: User) -> bool:
    return user.totp_enabled_at is not None


def begin(user: User) -> str:
    """Give a user a new secret that counts for nothing until its first code. Returns it."""
    secret = pyotp.random_base32()
    user.totp_secret = sealing.seal(secret)
    user.totp_last_step = None
    return secret


def uri(user: User, secret: str) -> str:
    """The `otpauth://` address that authenticator apps read."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(
        name=user.email, issuer_name=ISSUER
    )


def qr_svg(text: str) -> str:
    """A QR code as an SVG document, without script or style."""
    import segno

    image = io.BytesIO()
    segno.make(text, error="m").save(image, kind="svg", scale=4, xmldecl=False)
    return image.getvalue().decode()


def enable(user: User) -> list[str]:
    """Ask for a code at every login from now on. Returns the recovery codes."""
    user.totp_enabled_at = clock.now()
    return renew_recovery_codes(user)


def switch_off(user: User) -> None:
    user.totp_secret = user.totp_enabled_at = user.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def use_code(user: User, code: str) -> bool:
    """Whether this is a good TOTP code that was not used before; it is used up now.

    One conditional UPDATE decides: of two requests with one code at once, one loses.
    """
    step = _matching_step(user, code)
    if step is None:
        return False
    used = db.session.execute(
        update(User)
        .where(
            User.id == user.id,
            User.totp_secret == user.totp_secret,
            or_(User.totp_last_step.is_(None), User.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .execution_options(synchronize_session=False)
    )
    return used.rowcount == 1


def use_any(user: User, code: str) -> bool:
    """As `use_code`, and recovery codes are good too, once each."""
    return use_code(user, code) or _use_recovery_code(user, code)


def renew_recovery_codes(user: User) -> list[str]:
    """Ten new single-use codes; the old ones are void. Only their hashes are kept."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(user_id=user.id, code_hash=_hash_recovery_code(code)) for code in codes
    )
    return codes


def _matching_step(user: User, code: str) -> int | None:
    """The time step that the code is of; None for a wrong one. Every step is compared."""
    if user.totp_secret is None:
        return None
    try:
        totp = pyotp.TOTP(sealing.unseal(user.totp_secret), interval=STEP_SECONDS)
    except sealing.Unreadable:
        log.error("second factor unreadable: its TOTP_ENCRYPTION_KEY is gone", user_id=str(user.id))
        return None
    now = int(clock.now().timestamp()) // STEP_SECONDS
    steps = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    offered = code.replace(" ", "").encode()
    matching = [
        step
        for step in steps
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), offered)
    ]
    return matching[-1] if matching else None


def _use_recovery_code(user: User, code: str) -> bool:
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash_recovery_code(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return used.rowcount == 1


def _new_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(text[start : start + 6] for start in range(0, len(text), 6))


def _hash_recovery_code(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()
