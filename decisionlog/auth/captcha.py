"""Proof that a person is signing in, by the siteverify protocol of Turnstile, hCaptcha, reCAPTCHA.

A provider that does not answer must not lock everybody out: the login then stands under the rate
limits alone, and the log says so. A provider that says no is obeyed.
"""

import structlog
from flask import current_app, request

from decisionlog import audit
from decisionlog.errors import CaptchaRequired
from decisionlog.extensions import db

log = structlog.get_logger()

FREE_FAILURES = 3
TIMEOUT_SECONDS = 5


def require(token: str | None, failures: int) -> None:
    """Ask for a CAPTCHA once an account has failed three times; not where none is configured.

    Raises CaptchaRequired when the token is missing, wrong, or used before.
    """
    if not current_app.config["CAPTCHA_SECRET"] or failures < FREE_FAILURES:
        return
    if not token or not _is_good(token):
        audit.record("login.captcha_refused", given=bool(token))
        db.session.commit()
        raise CaptchaRequired("Solve the CAPTCHA and send its token as captcha_token.")


def _is_good(token: str) -> bool:
    import httpx2

    form = {
        "secret": current_app.config["CAPTCHA_SECRET"],
        "response": token,
        "remoteip": request.remote_addr,
    }
    try:
        answer = httpx2.post(
            current_app.config["CAPTCHA_VERIFY_URL"], data=form, timeout=TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        return answer.json()["success"] is True
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        log.warning("captcha provider fails, limits alone hold", error=type(error).__name__)
        return True
