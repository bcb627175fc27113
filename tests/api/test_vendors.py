"""POST /webhooks/{vendor}: one suite over the registry, a recorded shape a vendor."""

import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, Transcript
from decisionlog.webhook.vendors import VENDORS
from tests import factories
from tests.api_client import ApiClient

SAMPLES = Path(__file__).parent.parent / "data" / "vendors"
every_vendor = pytest.mark.parametrize("name", sorted(VENDORS))


def sample(name) -> dict:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def fathom_headers(secret, body, age=timedelta(0)):
    then = clock.now() - age
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(then.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", then, body.decode()),
    }


def circleback_headers(secret, body):
    return {"x-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


SIGN = {"fathom": fathom_headers, "circleback": circleback_headers}


def post(client, name, payload, project=None, headers=None, **query):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (secret,) = client.app.config[VENDORS[name].secrets]
    given = {"project_id": str(project.id)} if project else {}
    return client.http.post(
        f"/webhooks/{name}",
        query_string=given | query,
        data=body,
        headers=SIGN[name](secret, body) if headers is None else headers,
        content_type="application/json",
    )


def stored():
    return list(db.session.scalars(select(Transcript)))


@every_vendor
def test_a_meeting_is_taken_in_with_its_words_people_and_times(client, project, name):
    response = post(client, name, sample(name), project, meeting_type="client")
    assert response.status_code == 202, response.get_json()
    (row,) = stored()
    assert row.content == (
        "[00:00:05] Ana Sousa: Good morning, everybody.\n"
        "[00:00:09] Rui Costa: Agreed, we go with steel for the frame.\n"
        "[00:10:15] Unknown: And oak for the stairs."
    )
    assert (row.project_id, row.source, row.external_id) == (project.id, name, "1234567")
    assert (row.meeting_title, row.meeting_type) == ("Courtyard house: coordination", "client")
    assert (str(row.meeting_date), row.duration_minutes) == ("2026-11-03", 46)
    assert [(person["name"], person["email"]) for person in row.participants] == [
        ("Ana Sousa", "ana@example.com"),
        ("rui@example.org", "rui@example.org"),
        ("Meeting room 2", None),
    ]


@every_vendor
def test_a_repetition_is_a_duplicate_though_its_summary_has_changed(client, project, name):
    first = post(client, name, sample(name), project)
    second = post(client, name, sample(name) | {"notes": "x", "default_summary": None}, project)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.get_json()["transcript_id"] == second.get_json()["transcript_id"]
    assert len(stored()) == 1


@every_vendor
@pytest.mark.parametrize("headers", [{}, {"x-signature": "0" * 64}, {"webhook-signature": "v1,x"}])
def test_a_missing_or_wrong_signature_is_refused_before_anything_is_read(
    client, project, name, headers
):
    response = post(client, name, b"this is no JSON", project, headers=headers)
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_signature"
    assert stored() == []


@every_vendor
def test_a_signature_of_another_body_is_refused(client, project, name):
    (secret,) = client.app.config[VENDORS[name].secrets]
    headers = SIGN[name](secret, b"{}")
    assert post(client, name, sample(name), project, headers=headers).status_code == 401


def test_an_old_delivery_of_fathom_is_refused(client, project):
    body = json.dumps(sample("fathom")).encode()
    (secret,) = client.app.config["FATHOM_WEBHOOK_SECRET"]
    headers = fathom_headers(secret, body, age=timedelta(minutes=10))
    assert post(client, "fathom", body, project, headers=headers).status_code == 401


@every_vendor
def test_without_a_secret_the_door_is_shut(make_app, project, name):
    client = ApiClient(make_app(**{VENDORS[name].secrets: ""}))
    response = client.post(f"/webhooks/{name}", json=sample(name))
    assert response.status_code == 503


@every_vendor
@pytest.mark.parametrize("transcript", [None, [], "words", [{"speaker": "Ana"}]])
def test_a_meeting_without_its_transcript_is_refused_and_says_so(client, project, name, transcript):
    response = post(client, name, sample(name) | {"transcript": transcript}, project)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["field"].startswith("transcript")


@every_vendor
def test_a_delivery_to_nowhere_is_refused(client, project, name):
    archived = factories.project(archived_at=clock.now())
    for place in (None, archived):
        assert post(client, name, sample(name), place).status_code == 404
    assert post(client, name, sample(name), project_id=str(uuid.uuid4())).status_code == 404
    assert stored() == []


@every_vendor
def test_malformed_json_with_a_good_signature_is_refused(client, project, name):
    assert post(client, name, b"{", project).status_code == 400


@every_vendor
def test_an_ingest_token_opens_the_vendors_door_to_its_project(client, as_director, project, name):
    made = as_director.post(f"/projects/{project.id}/ingest-tokens", json={"name": name})
    headers = {"Authorization": f"Bearer {made.get_json()['token']}"}
    assert post(client, name, sample(name), headers=headers).status_code == 202
    (row,) = stored()
    assert row.project_id == project.id
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "transcript.received"))
    assert event.details["ingest_token"] == made.get_json()["id"]
