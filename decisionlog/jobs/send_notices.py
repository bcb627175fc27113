"""Security notices by mail, at least once each, by any number of workers.

A notice is deleted once the mail server has it, or after a day of trying: it holds an address.
"""

import uuid
from datetime import timedelta

import structlog
from flask import Flask, current_app
from sqlalchemy import delete, select, update

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import SecurityNotice
from decisionlog.notify import mail, notices

log = structlog.get_logger()
ROUND_MAX = 100
RETRY_AFTER = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=1)


def run(app: Flask) -> int:
    """Send the notices that are due. Returns how many went out."""
    if not app.config["SMTP_HOST"]:
        return 0
    with app.app_context():
        due = list(
            db.session.scalars(
                select(SecurityNotice.id)
                .where(SecurityNotice.next_at <= clock.now())
                .order_by(SecurityNotice.next_at)
                .limit(ROUND_MAX)
            )
        )
        return sum(_send(notice_id) for notice_id in due)


def _send(notice_id: uuid.UUID) -> bool:
    notice = _claim(notice_id)
    if notice is None:
        return False
    address, text = notice.address, notices.text(notice)
    too_old = clock.now() - notice.created_at > GIVE_UP_AFTER
    # No transaction may stay open while the network answers.
    db.session.rollback()
    try:
        mail.send(current_app.config, address, notices.SUBJECT, text)
    except OSError as error:
        log.warning(
            "notice not sent", notice_id=str(notice_id), error=type(error).__name__, final=too_old
        )
        if too_old:
            _forget(notice_id)
        return False
    _forget(notice_id)
    return True


def _claim(notice_id: uuid.UUID) -> SecurityNotice | None:
    """Move the notice on to its next attempt, and commit; None if another worker has."""
    now = clock.now()
    claimed = db.session.execute(
        update(SecurityNotice)
        .where(SecurityNotice.id == notice_id, SecurityNotice.next_at <= now)
        .values(next_at=now + RETRY_AFTER)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return db.session.get(SecurityNotice, notice_id) if claimed.rowcount == 1 else None


def _forget(notice_id: uuid.UUID) -> None:
    db.session.execute(delete(SecurityNotice).where(SecurityNotice.id == notice_id))
    db.session.commit()
