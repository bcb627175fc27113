"""Where meeting tools post transcripts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, request

from decisionlog import audit, clock
from decisionlog.decisions.schemas import TranscriptReceipt
from decisionlog.errors import InvalidSignature, NotFound, ServiceUnavailable
from decisionlog.extensions import db, limiter
from decisionlog.http.openapi import operation
from decisionlog.models import Project
from decisionlog.webhook import bp, proofs
from decisionlog.webhook.intake import take_in
from decisionlog.webhook.schemas import TranscriptDelivery

SIGNED: list[dict[str, list[str]]] = [{"tactiq_signature": []}, {"standard_webhooks": []}]


def webhook_limit() -> str:
    return current_app.config["RATELIMIT_WEBHOOK"]


def signed(view: Callable) -> Callable:
    """Let a request through only with a good signature over its raw body, before any parsing."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        secrets = current_app.config["TACTIQ_WEBHOOK_SECRET"]
        if not secrets:
            raise ServiceUnavailable("No webhook secret is configured.")
        proved = proofs.is_proved(
            secrets,
            request.headers,
            request.get_data(),
            clock.now(),
            current_app.config["WEBHOOK_TOLERANCE_SECONDS"],
        )
        if not proved:
            audit.record("webhook.refused")
            db.session.commit()
            raise InvalidSignature("The signature is missing, wrong or too old.")
        return view(*args, **kwargs)

    return checked


@bp.post("/webhooks/transcript")
@limiter.limit(webhook_limit, override_defaults=True)
@signed
@operation(
    body=TranscriptDelivery,
    returns=TranscriptReceipt,
    status=202,
    also={200: TranscriptReceipt},
    problems=(401, 404, 409, 422, 503),
    security=SIGNED,
    tag="webhooks",
)
def receive_transcript() -> tuple[TranscriptReceipt, int]:
    """Take in a meeting's transcript

    202 means that it is stored and will be worked on; the same `webhook_id` with the same content
    answers 200 and changes nothing.
    """
    body: TranscriptDelivery = request.context.json
    project = db.session.get(Project, body.project_id)
    if project is None or project.archived_at is not None:
        raise NotFound("There is no project with this project_id.")
    receipt = take_in(
        project.id, body.transcript, body, source="transcript", external_id=body.webhook_id
    )
    return answer(receipt.transcript_id, receipt.duplicate)


def answer(transcript_id: Any, duplicate: bool) -> tuple[TranscriptReceipt, int]:
    if duplicate:
        return TranscriptReceipt(status="duplicate", transcript_id=transcript_id), 200
    return TranscriptReceipt(
        status="queued",
        transcript_id=transcript_id,
        message="The transcript is stored; its decisions will follow.",
    ), 202
