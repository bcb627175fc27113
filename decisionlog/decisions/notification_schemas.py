"""Outgoing webhooks and the weekly mail, as people set them up."""

import uuid
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field

from decisionlog.decisions import examples
from decisionlog.http.schemas import Input, Moment, Output, Text

Event = Literal["decision.proposed", "decision.approved", "decision.superseded"]


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is not a time zone of the IANA database, as Europe/Lisbon")
    return value


class WebhookInput(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://hooks.example.com/x", "events": ["decision.approved"]}]
        }
    )

    url: Annotated[Text, Field(min_length=1, max_length=2000)]
    events: Annotated[list[Event], Field(min_length=1, max_length=3)]


class OutgoingWebhook(Output):
    id: uuid.UUID
    url: str
    events: list[Event]
    created_at: Moment


class NewWebhook(OutgoingWebhook):
    model_config = examples.of(examples.WEBHOOK | {"secret": "whsec_…"})

    secret: str = Field(description="signs what is sent (Standard Webhooks); shown only now")


class WebhookList(Output):
    model_config = examples.of({"webhooks": [examples.WEBHOOK]})

    webhooks: list[OutgoingWebhook]


class Delivery(Output):
    id: uuid.UUID
    event: Event
    attempts: int
    created_at: Moment
    delivered_at: Moment | None
    next_at: Moment | None = Field(description="the next attempt; null: none is planned")
    last_status: int | None
    last_error: str | None


class DeliveryList(Output):
    model_config = examples.of(examples.page("deliveries", examples.DELIVERY))

    deliveries: list[Delivery]
    total: int
    limit: int
    offset: int


class SubscriptionInput(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{"time_zone": "Europe/Lisbon"}]})

    time_zone: Annotated[Text, AfterValidator(_known_zone)] = "UTC"


class Subscription(Output):
    model_config = examples.of(
        {"subscribed": True, "time_zone": "Europe/Lisbon", "next_at": "2026-11-09T08:00:00Z"}
    )

    subscribed: bool
    time_zone: str | None
    next_at: Moment | None = Field(description="when the next digest is due")
