"""POST /webhooks/transcript, by its contract."""

import json
import time
import uuid

import pytest
import time_machine
from sqlalchemy import func, select
from standardwebhooks import Webhook

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, Transcript
from decisionlog.webhook import proofs
from tests import factories
from tests.api_client import ApiClient
from tests.conftest import WEBHOOK_SECRET
from tests.problems import assert_problem

SPEECH = "[00:00:05] Ana: Good morning.\n[00:00:09] Rui: Agreed, we go with steel.\n"


@pytest.fixture
def payload(project):
    return {"webhook_id": "delivery-1", "project_id": str(project.id), "transcript": SPEECH}


def stored():
    return db.session.scalar(select(func.count()).select_from(Transcript))


def test_a_signed_transcript_is_stored_and_queued(client, payload, project):
    response = client.deliver(
        payload
        | {
            "meeting_id": "m-1",
            "meeting_title": "Design review",
            "meeting_type": "multi-disciplinary",
            "meeting_date": "2026-11-03T23:30:00-03:00",
            "duration_minutes": 45,
            "participants": [{"name": "Ana", "email": "ana@example.com", "role": "architect"}],
        }
    )
    assert response.status_code == 202
    answer = response.get_json()
    assert answer["status"] == "queued"
    row = db.session.get(Transcript, uuid.UUID(answer["transcript_id"]))
    assert row.content == SPEECH
    assert row.project_id == project.id
    assert str(row.meeting_date) == "2026-11-03"
    assert row.status == "pending"
    assert row.participants[0]["name"] == "Ana"


def test_the_same_path_answers_under_api(client, payload):
    assert client.deliver(payload, path="/api/webhooks/transcript").status_code == 202


def test_a_repetition_is_a_duplicate_and_changes_nothing(client, payload):
    first = client.deliver(payload).get_json()
    second = client.deliver(payload)
    assert second.status_code == 200
    assert second.get_json()["status"] == "duplicate"
    assert second.get_json()["transcript_id"] == first["transcript_id"]
    assert stored() == 1


def test_a_repetition_written_differently_is_still_a_duplicate(client, payload):
    client.deliver(payload)
    spaced = json.dumps(dict(reversed(payload.items())), indent=2).encode()
    assert client.deliver(spaced).status_code == 200


def test_a_known_webhook_id_with_other_content_is_a_conflict(client, payload):
    client.deliver(payload)
    response = client.deliver(payload | {"transcript": SPEECH + "[00:01:00] Ana: Or timber?\n"})
    assert_problem(response, 409, "conflict")
    assert stored() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Tactiq-Signature": ""},
        {"X-Tactiq-Signature": "sha256=" + "0" * 64},
        {"X-Tactiq-Signature": "sha1=abc"},
        {"X-Tactiq-Signature": "sha256=ä"},
        {"webhook-signature": "v1,abc", "webhook-id": "x", "webhook-timestamp": "1"},
        {"webhook-signature": "nonsense", "webhook-id": "x", "webhook-timestamp": "soon"},
    ],
)
def test_a_missing_or_wrong_signature_is_refused_before_parsing(client, headers):
    response = client.http.post("/webhooks/transcript", data=b"not even json", headers=headers)
    assert_problem(response, 401, "invalid_signature")
    assert stored() == 0


def test_a_signature_over_other_bytes_is_refused(client, payload):
    body = json.dumps(payload).encode()
    response = client.http.post(
        "/webhooks/transcript",
        data=body + b" ",
        headers={"X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body)},
        content_type="application/json",
    )
    assert_problem(response, 401, "invalid_signature")


def test_a_refused_signature_leaves_an_audit_event(client):
    client.http.post("/webhooks/transcript", data=b"{}")
    assert db.session.scalar(select(AuditEvent.event)) == "webhook.refused"


@pytest.mark.parametrize("age", [-301, 301])
def test_a_signed_timestamp_beyond_five_minutes_is_refused(client, payload, age):
    body = json.dumps(payload).encode()
    then = str(int(time.time()) - age)
    headers = {
        "X-Tactiq-Timestamp": then,
        "X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body, then),
    }
    assert_problem(client.deliver(body, headers=headers), 401, "invalid_signature")


def test_a_timestamp_is_part_of_what_is_signed(client, payload):
    body = json.dumps(payload).encode()
    now = str(int(time.time()))
    good = {"X-Tactiq-Timestamp": now, "X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body, now)}
    bare = {"X-Tactiq-Timestamp": now, "X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body)}
    assert client.deliver(body, headers=bare).status_code == 401
    assert client.deliver(body, headers=good).status_code == 202


@pytest.mark.parametrize("timestamp", ["", "now", "1e9", "-5", "٣", "9" * 40])
def test_a_timestamp_that_is_no_number_is_refused(client, payload, timestamp):
    body = json.dumps(payload).encode()
    headers = {
        "X-Tactiq-Timestamp": timestamp.encode().decode("latin-1"),
        "X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body, timestamp),
    }
    assert_problem(client.deliver(body, headers=headers), 401, "invalid_signature")


def test_standard_webhooks_senders_are_verified(client, payload):
    body = json.dumps(payload)
    signed_at = clock.now()
    signature = Webhook(WEBHOOK_SECRET.encode()).sign("msg_1", signed_at, body)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": signature,
    }
    response = client.http.post(
        "/webhooks/transcript", data=body, headers=headers, content_type="application/json"
    )
    assert response.status_code == 202


def test_every_configured_secret_is_accepted_during_rotation(make_app, app, payload, project):
    old, new = "the old secret as long as it must be", "the new secret as long as it must be"

    rotating = ApiClient(make_app(TACTIQ_WEBHOOK_SECRET=f"{new},{old}"))
    assert rotating.deliver(payload, secret=old).status_code == 202
    assert rotating.deliver(payload, secret=new).status_code == 200
    assert rotating.deliver(payload, secret=WEBHOOK_SECRET).status_code == 401


def test_without_a_secret_the_webhook_is_closed_not_open(make_app, app):
    closed = make_app(TACTIQ_WEBHOOK_SECRET="").test_client()
    assert_problem(closed.post("/webhooks/transcript", data=b"{}"), 503, "service_unavailable")


def test_a_body_over_ten_megabytes_is_refused(client):
    response = client.deliver(b"x" * (10 * 1024 * 1024 + 1))
    assert_problem(response, 413, "validation_error")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client, body, status):
    assert_problem(client.deliver(body), status, "validation_error")


def test_another_content_type_is_refused(client):
    body = b"{}"
    response = client.http.post(
        "/webhooks/transcript",
        data=body,
        headers={"X-Tactiq-Signature": proofs.sign(WEBHOOK_SECRET, body)},
        content_type="text/plain",
    )
    assert_problem(response, 415, "validation_error")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"webhook_id": None}, "webhook_id"),
        ({"webhook_id": ""}, "webhook_id"),
        ({"webhook_id": "x" * 256}, "webhook_id"),
        ({"project_id": "not-a-uuid"}, "project_id"),
        ({"transcript": ""}, "transcript"),
        ({"transcript": " \n\t"}, "transcript"),
        ({"transcript": ["a"]}, "transcript"),
        ({"transcript": SPEECH + "\x00"}, "transcript"),
        ({"transcript": SPEECH + "\ud800"}, "transcript"),
        ({"transcript": "x" * 5_000_000}, "transcript"),
        ({"meeting_date": "2026-02-30"}, "meeting_date"),
        ({"meeting_date": "yesterday, I think"}, "meeting_date"),
        ({"meeting_type": "party"}, "meeting_type"),
        ({"duration_minutes": -1}, "duration_minutes"),
        ({"participants": [{"email": "x@example.com"}]}, "participants.0.name"),
    ],
)
def test_a_field_that_is_not_acceptable_is_named_and_nothing_is_stored(
    client, payload, change, field
):
    response = client.deliver(payload | change)
    assert_problem(response, 422, "validation_error", field)
    assert stored() == 0


def test_a_field_that_we_do_not_know_is_no_reason_to_lose_a_transcript(client, payload):
    assert client.deliver(payload | {"sender_version": 3}).status_code == 202


def test_an_unknown_project_is_not_found(client, payload):
    response = client.deliver(payload | {"project_id": str(uuid.uuid4())})
    assert_problem(response, 404, "resource_not_found")


def test_an_archived_project_takes_nothing_in(client, payload):
    archived = factories.project(archived_at=clock.now())
    response = client.deliver(payload | {"project_id": str(archived.id)})
    assert_problem(response, 404, "resource_not_found")


def test_without_a_date_the_meeting_is_of_the_day_it_came_in(client, payload):
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        answer = client.deliver(payload).get_json()
    row = db.session.get(Transcript, uuid.UUID(answer["transcript_id"]))
    assert str(row.meeting_date) == "2026-03-04"


def test_a_queue_that_is_away_loses_nothing(client, app, payload, monkeypatch):
    def away():
        raise ConnectionError

    monkeypatch.setitem(app.extensions, "wake_worker", away)
    assert client.deliver(payload).status_code == 202
    assert stored() == 1


def test_deliveries_have_their_own_rate_limit(make_app, app, payload):

    limited = ApiClient(
        make_app(RATELIMIT_DEFAULT="1 per minute", RATELIMIT_WEBHOOK="3 per minute")
    )
    statuses = [limited.deliver(payload).status_code for _ in range(4)]
    assert statuses == [202, 200, 200, 429]
