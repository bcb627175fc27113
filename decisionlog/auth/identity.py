"""Who is it? The checks of a login, and of a signed-in user before something grave."""

from decisionlog import audit
from decisionlog.auth import limits, passwords, queries, totp
from decisionlog.errors import AuthenticationFailed, OtpRequired, PermissionDenied
from decisionlog.extensions import db
from decisionlog.models import User


def authenticate(email: str, password: str, otp: str | None) -> User:
    """The user who proves to be the one with this address.

    An unknown address, a closed account and a wrong password cost one bcrypt check each and are
    answered alike. Raises AuthenticationFailed, OtpRequired, RateLimitExceeded; failures are
    committed.
    """
    user = queries.user_by_email(email)
    known = user is not None and user.deleted_at is None
    if not passwords.check_password(password, user.password_hash if known else None):
        _fail("login.failed", user)
        raise AuthenticationFailed("The e-mail address or the password is wrong.")
    limits.forgive()
    if totp.is_on(user):
        _require_code(user, otp)
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return user


def require_password(user: User, password: str) -> None:
    """Ask a signed-in user for the password once more: a token alone must not be enough to change
    who can sign in. Raises PermissionDenied, RateLimitExceeded; failures are committed."""
    limits.count_password(user.id)
    if not passwords.check_password(password, user.password_hash):
        _fail("password.refused", user)
        raise PermissionDenied("The current password is wrong.")


def require_code(user: User, otp: str) -> None:
    """The same for a code of the second factor, used up by this."""
    limits.count_code(user.id)
    if not totp.use_any(user, otp):
        _fail("2fa.refused", user)
        raise PermissionDenied("The code is wrong or has been used.")


def _require_code(user: User, otp: str | None) -> None:
    if otp is None:
        raise OtpRequired("Send the code of your authenticator app, or a recovery code, as otp.")
    limits.count_code(user.id)
    if not totp.use_any(user, otp):
        _fail("2fa.failed", user)
        raise AuthenticationFailed("The code is wrong or has been used.")


def _fail(event: str, user: User | None) -> None:
    audit.record(event, user_id=user.id if user else None)
    db.session.commit()
