"""The second factor of one's own account. Switching it on or off ends the other sessions: they
were begun under the other rule."""

from flask import request

from decisionlog import audit
from decisionlog.auth import bp, identity, passwords, sessions, totp
from decisionlog.auth.guard import current_session_id, current_user
from decisionlog.auth.schemas import (
    ConfirmedBody,
    CurrentPasswordBody,
    Enrolment,
    OtpBody,
    RecoveryCodes,
)
from decisionlog.errors import Conflict
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.models import User
from decisionlog.notify import notices
from decisionlog.vocabulary import SecurityChange


@bp.post("/auth/2fa/setup")
@operation(body=CurrentPasswordBody, returns=Enrolment, problems=(403, 409, 422), tag="auth")
def set_up_two_factor() -> Enrolment:
    """Begin with the second factor: a secret for your authenticator app

    Nothing changes until POST /auth/2fa/enable has seen a code of it.
    """
    body: CurrentPasswordBody = request.context.json
    user = current_user()
    _require_off(user)
    identity.require_password(user, body.current_password)
    secret = totp.begin(user)
    audit.record("2fa.begun", user_id=user.id)
    db.session.commit()
    uri = totp.uri(user, secret)
    return Enrolment(secret=secret, otpauth_uri=uri, qr_svg=totp.qr_svg(uri))


@bp.post("/auth/2fa/enable")
@operation(body=OtpBody, returns=RecoveryCodes, problems=(403, 409, 422), tag="auth")
def enable_two_factor() -> RecoveryCodes:
    """Switch the second factor on with a first code; your other sessions end"""
    body: OtpBody = request.context.json
    user = current_user()
    _require_off(user)
    if user.totp_secret is None:
        raise Conflict("Begin with POST /auth/2fa/setup.")
    identity.require_code(user, body.otp)
    codes = totp.enable(user)
    _finish("2fa.enabled", user, SecurityChange.SECOND_FACTOR_ON)
    return RecoveryCodes(recovery_codes=codes)


@bp.post("/auth/2fa/disable")
@operation(body=ConfirmedBody, status=204, problems=(403, 409, 422), tag="auth")
def disable_two_factor() -> tuple[str, int]:
    """Switch the second factor off; your other sessions end"""
    body: ConfirmedBody = request.context.json
    user = _confirmed()
    least = passwords.min_length(second_factor=False)
    if len(body.current_password) < least:
        raise Conflict(f"Choose a password of {least} characters first: it will stand alone.")
    totp.switch_off(user)
    _finish("2fa.disabled", user, SecurityChange.SECOND_FACTOR_OFF)
    return "", 204


@bp.post("/auth/2fa/recovery-codes")
@operation(body=ConfirmedBody, returns=RecoveryCodes, problems=(403, 409, 422), tag="auth")
def renew_recovery_codes() -> RecoveryCodes:
    """Ten new recovery codes; the old ones are void"""
    user = _confirmed()
    codes = totp.renew_recovery_codes(user)
    audit.record("2fa.recovery_codes_renewed", user_id=user.id)
    notices.enqueue(user, SecurityChange.RECOVERY_CODES)
    db.session.commit()
    return RecoveryCodes(recovery_codes=codes)


def _confirmed() -> User:
    """The current user, who has a second factor and has shown both."""
    body: ConfirmedBody = request.context.json
    user = current_user()
    if not totp.is_on(user):
        raise Conflict("The second factor is off.")
    identity.require_password(user, body.current_password)
    identity.require_code(user, body.otp)
    return user


def _require_off(user: User) -> None:
    if totp.is_on(user):
        raise Conflict("The second factor is on already.")


def _finish(event: str, user: User, change: SecurityChange) -> None:
    sessions.end_all(user, but=current_session_id())
    audit.record(event, user_id=user.id)
    notices.enqueue(user, change)
    db.session.commit()
