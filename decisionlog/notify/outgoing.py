"""Outgoing webhooks: who is told, what is sent, how it is signed (https://www.standardwebhooks.com)."""

import base64
import json
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from standardwebhooks import Webhook

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import OutgoingWebhook, WebhookDelivery
from decisionlog.notify import addresses

SECRET_BYTES = 32
TIMEOUT_SECONDS = 10
# The spec's own schedule: the wait after the first, second, … failure. Then it is given up.
RETRY_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000)
)
GONE = 410


class DeliveryFailed(Exception):
    """The receiver did not take it. `status` is its answer, None where there was none."""

    def __init__(self, reason: str, status: int | None = None):
        super().__init__(reason)
        self.status = status


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def enqueue(project_id: uuid.UUID, event: str, data: dict[str, Any]) -> None:
    """Have everyone told who asked for this event of the project, within the transaction."""
    now = clock.now()
    for webhook in live_webhooks(project_id):
        if event in webhook.events:
            payload = {"type": event, "timestamp": clock.iso(now), "data": data}
            db.session.add(
                WebhookDelivery(webhook_id=webhook.id, event=event, payload=payload, next_at=now)
            )


def live_webhooks(project_id: uuid.UUID) -> list[OutgoingWebhook]:
    return list(
        db.session.scalars(
            select(OutgoingWebhook)
            .where(OutgoingWebhook.project_id == project_id, OutgoingWebhook.removed_at.is_(None))
            .order_by(OutgoingWebhook.created_at, OutgoingWebhook.id)
        )
    )


def send(url: str, secret: str, message_id: uuid.UUID, payload: Any, private: bool) -> int:
    """Post a payload, signed, to where the URL leads now. Returns the receiver's 2xx.

    Redirects are not followed: they would lead around the guard. Raises DeliveryFailed.
    """
    import httpx2 as httpx

    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    now = clock.now()
    identity = f"msg_{message_id.hex}"
    try:
        target = addresses.resolve(url, private)
    except addresses.ForbiddenAddress as error:
        raise DeliveryFailed(f"the URL {error}") from error
    headers = {
        "Host": target.host,
        "Content-Type": "application/json",
        "User-Agent": "DecisionLog",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, now, body),
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as web,
            web.stream(
                "POST",
                target.url,
                content=body.encode(),
                headers=headers,
                extensions={"sni_hostname": target.name},
            ) as response,
        ):
            status = response.status_code
    except httpx.HTTPError as error:
        raise DeliveryFailed(type(error).__name__) from error
    if not 200 <= status < 300:
        raise DeliveryFailed(f"answered {status}", status)
    return status
