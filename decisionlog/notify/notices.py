"""Mail to a user when it changes how they sign in, or where such mail goes (ASVS 5.0, 6.3.7)."""

import structlog
from flask import current_app

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import SecurityNotice, User
from decisionlog.vocabulary import SecurityChange

log = structlog.get_logger()

WHAT_CHANGED = {
    SecurityChange.PASSWORD: "the password was changed",
    SecurityChange.EMAIL: "another e-mail address was set, so this one no longer signs in",
    SecurityChange.SECOND_FACTOR_ON: "the second factor was switched on",
    SecurityChange.SECOND_FACTOR_OFF: "the second factor was taken off",
    SecurityChange.RECOVERY_CODES: "new recovery codes were made, and the old ones are void",
}
SUBJECT = "Your DecisionLog account was changed"
TEXT = """\
In your DecisionLog account, {what}, on {at:%Y-%m-%d} at {at:%H:%M} UTC.

If this was you, or a director at your request, there is nothing to do.
If not, tell a director at once: a new password from them ends every session of the account.
"""


def enqueue(user: User, change: SecurityChange, address: str | None = None) -> None:
    """Have the user told, within the transaction, at the present address or at one given.

    Where no mail server is set nothing is sent, and the log says so.
    """
    if not current_app.config["SMTP_HOST"]:
        log.info("no mail server, notice not sent", user_id=str(user.id), change=change)
        return
    db.session.add(
        SecurityNotice(
            user_id=user.id, address=address or user.email, change=change, next_at=clock.now()
        )
    )


def text(notice: SecurityNotice) -> str:
    return TEXT.format(what=WHAT_CHANGED[notice.change], at=notice.created_at)
