"""Outgoing webhooks that are due, sent at least once each, by any number of workers."""

import uuid

import structlog
from flask import Flask
from sqlalchemy import select, update

from decisionlog import clock
from decisionlog.auth import sealing
from decisionlog.extensions import db
from decisionlog.models import OutgoingWebhook, WebhookDelivery
from decisionlog.notify import outgoing

log = structlog.get_logger()
ROUND_MAX = 100


def run(app: Flask) -> int:
    """Send what is due. Returns how many were tried."""
    with app.app_context():
        due = list(
            db.session.scalars(
                select(WebhookDelivery.id)
                .where(WebhookDelivery.next_at <= clock.now())
                .order_by(WebhookDelivery.next_at)
                .limit(ROUND_MAX)
            )
        )
        private = app.config["OUTGOING_WEBHOOKS_PRIVATE"]
        return sum(_deliver(delivery_id, private) for delivery_id in due)


def _deliver(delivery_id: uuid.UUID, private: bool) -> bool:
    delivery = _claim(delivery_id)
    if delivery is None:
        return False
    webhook = db.session.get(OutgoingWebhook, delivery.webhook_id)
    if webhook.removed_at is not None:
        delivery.next_at, delivery.last_error = None, "the webhook was removed"
        db.session.commit()
        return False
    url, sealed, payload = webhook.url, webhook.secret, delivery.payload
    # No transaction may stay open while the network answers.
    db.session.rollback()
    try:
        status = outgoing.send(url, _secret(sealed), delivery_id, payload, private)
    except outgoing.DeliveryFailed as error:
        _note_failure(delivery_id, error)
    else:
        delivery = db.session.get(WebhookDelivery, delivery_id)
        delivery.delivered_at, delivery.next_at = clock.now(), None
        delivery.last_status, delivery.last_error = status, None
    db.session.commit()
    return True


def _secret(sealed: str) -> str:
    try:
        return sealing.unseal(sealed)
    except sealing.Unreadable as error:
        raise outgoing.DeliveryFailed("the secret needs a TOTP_ENCRYPTION_KEY not set") from error


def _claim(delivery_id: uuid.UUID) -> WebhookDelivery | None:
    """Move the delivery on to its next attempt, and commit; None if another worker has.

    Should this worker die while it sends, that attempt comes all the same.
    """
    now = clock.now()
    found = db.session.get(WebhookDelivery, delivery_id)
    if found is None or found.next_at is None:
        return None
    wait = outgoing.RETRY_AFTER[min(found.attempts, len(outgoing.RETRY_AFTER) - 1)]
    claimed = db.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.next_at <= now)
        .values(attempts=WebhookDelivery.attempts + 1, next_at=now + wait)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return db.session.get(WebhookDelivery, delivery_id) if claimed.rowcount == 1 else None


def _note_failure(delivery_id: uuid.UUID, error: outgoing.DeliveryFailed) -> None:
    delivery = db.session.get(WebhookDelivery, delivery_id)
    delivery.last_status, delivery.last_error = error.status, str(error)[:300]
    if delivery.attempts > len(outgoing.RETRY_AFTER):
        delivery.next_at = None
    if error.status == outgoing.GONE:
        # The spec: the receiver is no longer interested.
        delivery.next_at = None
        db.session.get(OutgoingWebhook, delivery.webhook_id).removed_at = clock.now()
    log.warning(
        "webhook not delivered",
        delivery_id=str(delivery_id),
        attempt=delivery.attempts,
        reason=delivery.last_error,
        final=delivery.next_at is None,
    )
