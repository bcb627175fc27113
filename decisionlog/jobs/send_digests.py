"""The weekly digest by mail, once to each who asked for it, by any number of workers."""

import uuid
from datetime import datetime, timedelta

import structlog
from flask import Flask, current_app
from sqlalchemy import select, update

from decisionlog import clock
from decisionlog.decisions import digest, digest_queries
from decisionlog.decisions.access import visible_projects
from decisionlog.extensions import db
from decisionlog.models import DigestSubscription, Project, User
from decisionlog.notify import mail
from decisionlog.notify.weekly import next_monday
from decisionlog.vocabulary import Role

log = structlog.get_logger()
RETRY_AFTER = timedelta(minutes=15)


def run(app: Flask) -> int:
    """Send the digests that are due. Returns how many went out."""
    if not app.config["SMTP_HOST"]:
        return 0
    with app.app_context():
        due = list(
            db.session.scalars(
                select(DigestSubscription.user_id)
                .join(User, User.id == DigestSubscription.user_id)
                .where(
                    DigestSubscription.next_at <= clock.now(),
                    User.deleted_at.is_(None),
                    User.role == Role.DIRECTOR,
                )
            )
        )
        return sum(_send(user_id) for user_id in due)


def _send(user_id: uuid.UUID) -> bool:
    claimed_until = _claim(user_id)
    if claimed_until is None:
        return False
    user = db.session.get(User, user_id)
    to, text = user.email, _text(user)
    # No transaction may stay open while the network answers.
    db.session.rollback()
    if text is None:
        return False
    try:
        mail.send(current_app.config, to, "The week's decisions", text)
    except OSError as error:
        log.warning("digest not sent", user_id=str(user_id), error=type(error).__name__)
        _move(user_id, claimed_until, clock.now() + RETRY_AFTER)
        return False
    return True


def _claim(user_id: uuid.UUID) -> datetime | None:
    """Move the reader on to the next Monday, and commit; None if another worker has."""
    found = db.session.get(DigestSubscription, user_id)
    now = clock.now()
    if found is None or found.next_at is None or found.next_at > now:
        return None
    following = next_monday(now, found.time_zone)
    return following if _move(user_id, found.next_at, following) else None


def _move(user_id: uuid.UUID, before: datetime, after: datetime) -> bool:
    moved = db.session.execute(
        update(DigestSubscription)
        .where(DigestSubscription.user_id == user_id, DigestSubscription.next_at == before)
        .values(next_at=after)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return moved.rowcount == 1


def _text(user: User) -> str | None:
    """The digests of the projects where something happened; None where nothing did."""
    texts = []
    projects = select(Project).where(visible_projects(user)).order_by(Project.name, Project.id)
    for project in db.session.scalars(projects).all():
        made, statements = digest_queries.project_digest(project)
        if made.highlights or made.summary.total_decisions:
            texts.append(digest.markdown(made, statements))
    return "\n".join(texts) or None
