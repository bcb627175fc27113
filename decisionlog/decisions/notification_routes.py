"""Who is told: outgoing webhooks of a project, and the weekly digest by mail."""

import uuid

from flask import current_app, request

from decisionlog import audit, clock
from decisionlog.auth import sealing
from decisionlog.auth.guard import current_user, require_director
from decisionlog.decisions import access, bp, queries
from decisionlog.decisions import notification_schemas as schemas
from decisionlog.errors import Invalid, NotFound
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.http.pagination import PageQuery
from decisionlog.models import DigestSubscription, OutgoingWebhook, User
from decisionlog.notify import addresses, outgoing
from decisionlog.notify.weekly import next_monday


@bp.get("/projects/<uuid:project_id>/webhooks")
@operation(returns=schemas.WebhookList, problems=(403, 404), tag="notifications")
def list_webhooks(project_id: uuid.UUID) -> schemas.WebhookList:
    """A project's outgoing webhooks (directors and owners)"""
    _owner(project_id)
    found = outgoing.live_webhooks(project_id)
    return schemas.WebhookList(
        webhooks=[schemas.OutgoingWebhook.model_validate(row) for row in found]
    )


@bp.post("/projects/<uuid:project_id>/webhooks")
@operation(
    body=schemas.WebhookInput,
    returns=schemas.NewWebhook,
    status=201,
    problems=(403, 404, 422),
    tag="notifications",
)
def create_webhook(project_id: uuid.UUID) -> tuple[schemas.NewWebhook, int]:
    """Have an address told what happens in a project (directors and owners)

    Messages are signed by Standard Webhooks, and tried again for two days.
    """
    given: schemas.WebhookInput = request.context.json
    user = _owner(project_id)
    try:
        addresses.resolve(given.url, current_app.config["OUTGOING_WEBHOOKS_PRIVATE"])
    except addresses.ForbiddenAddress as error:
        raise Invalid.field("url", str(error)) from error
    secret = outgoing.new_secret()
    webhook = OutgoingWebhook(
        project_id=project_id,
        url=given.url,
        events=sorted(set(given.events)),
        secret=sealing.seal(secret),
        created_by=user.id,
    )
    db.session.add(webhook)
    db.session.flush()
    audit.record("webhook.created", user_id=user.id, project_id=project_id, subject_id=webhook.id)
    db.session.commit()
    saved = schemas.OutgoingWebhook.model_validate(webhook)
    return schemas.NewWebhook(**saved.model_dump(), secret=secret), 201


@bp.delete("/projects/<uuid:project_id>/webhooks/<uuid:webhook_id>")
@operation(status=204, problems=(403, 404), tag="notifications")
def remove_webhook(project_id: uuid.UUID, webhook_id: uuid.UUID) -> tuple[str, int]:
    """Tell an address nothing any more (directors and owners)"""
    user = _owner(project_id)
    webhook = _webhook(project_id, webhook_id)
    webhook.removed_at = clock.now()
    audit.record("webhook.removed", user_id=user.id, project_id=project_id, subject_id=webhook.id)
    db.session.commit()
    return "", 204


@bp.get("/projects/<uuid:project_id>/webhooks/<uuid:webhook_id>/deliveries")
@operation(
    query=PageQuery, returns=schemas.DeliveryList, problems=(403, 404, 422), tag="notifications"
)
def list_deliveries(project_id: uuid.UUID, webhook_id: uuid.UUID) -> schemas.DeliveryList:
    """What an address was sent and how it answered, the newest first (directors and owners)"""
    query: PageQuery = request.context.query
    _owner(project_id)
    webhook = _webhook(project_id, webhook_id)
    rows, total = queries.deliveries_page(webhook.id, query.limit, query.offset)
    return schemas.DeliveryList(
        deliveries=[schemas.Delivery.model_validate(row) for row in rows],
        **query.page(total),
    )


@bp.get("/digest/subscription")
@operation(returns=schemas.Subscription, problems=(403,), tag="digest")
def get_subscription() -> schemas.Subscription:
    """Whether you get the weekly digest by mail (directors)"""
    return _subscription(require_director())


@bp.put("/digest/subscription")
@operation(
    body=schemas.SubscriptionInput,
    returns=schemas.Subscription,
    problems=(403, 422),
    tag="digest",
)
def subscribe() -> schemas.Subscription:
    """Get the weekly digest by mail, Mondays at eight in your time zone (directors)"""
    given: schemas.SubscriptionInput = request.context.json
    user = require_director()
    row = db.session.get(DigestSubscription, user.id) or DigestSubscription(user_id=user.id)
    row.time_zone = given.time_zone
    row.next_at = next_monday(clock.now(), given.time_zone)
    db.session.add(row)
    db.session.commit()
    return _subscription(user)


@bp.delete("/digest/subscription")
@operation(status=204, problems=(403,), tag="digest")
def unsubscribe() -> tuple[str, int]:
    """Get no weekly digest any more (directors)"""
    row = db.session.get(DigestSubscription, require_director().id)
    if row is not None:
        row.next_at = None
        db.session.commit()
    return "", 204


def _subscription(user: User) -> schemas.Subscription:
    row = db.session.get(DigestSubscription, user.id)
    if row is None or row.next_at is None:
        return schemas.Subscription(subscribed=False, time_zone=None, next_at=None)
    return schemas.Subscription(subscribed=True, time_zone=row.time_zone, next_at=row.next_at)


def _owner(project_id: uuid.UUID) -> User:
    user = current_user()
    access.own_project(user, project_id)
    return user


def _webhook(project_id: uuid.UUID, webhook_id: uuid.UUID) -> OutgoingWebhook:
    found = db.session.get(OutgoingWebhook, webhook_id)
    if found is None or found.project_id != project_id or found.removed_at is not None:
        raise NotFound
    return found
