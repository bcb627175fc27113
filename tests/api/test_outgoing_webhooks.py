"""Outgoing webhooks: set up, sent, signed, retried, logged."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
import time_machine
from standardwebhooks import Webhook

from decisionlog import clock
from decisionlog.auth import sealing
from decisionlog.extensions import db
from decisionlog.jobs import deliver_webhooks
from decisionlog.models import OutgoingWebhook, WebhookDelivery
from tests import factories
from tests.api_client import ApiClient
from tests.problems import assert_problem


class Receiver:
    """A server that keeps what it gets, and answers with the statuses that it is told."""

    def __init__(self):
        self.got, self.answers = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def app_settings():
    return {"OUTGOING_WEBHOOKS_PRIVATE": True}


EVENTS = ["decision.approved", "decision.superseded", "decision.proposed"]


@pytest.fixture
def webhook(as_director, project, receiver):
    response = as_director.post(
        f"/projects/{project.id}/webhooks", json={"url": receiver.url, "events": EVENTS}
    )
    assert response.status_code == 201
    return response.get_json()


@pytest.fixture
def deliveries(as_director, project, webhook):
    def get():
        path = f"/projects/{project.id}/webhooks/{webhook['id']}/deliveries"
        db.session.rollback()
        return as_director.get(path).get_json()["deliveries"]

    return get


def test_an_approval_is_told_and_signed(app, as_director, project, receiver, webhook, deliveries):
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True, "notes": "Yes."})
    as_director.patch(f"/decisions/{row.id}", json={"notes": "Yes, yes."})
    assert deliver_webhooks.run(app) == 1
    [(headers, body)] = receiver.got
    message = Webhook(webhook["secret"]).verify(body, headers)
    assert message["type"] == "decision.approved"
    assert message["data"]["id"] == str(row.id)
    assert message["data"]["status"] == "approved"
    assert headers["Content-Type"] == "application/json"
    [sent] = deliveries()
    assert (sent["attempts"], sent["last_status"], sent["next_at"]) == (1, 204, None)
    assert sent["delivered_at"]
    assert deliver_webhooks.run(app) == 0


def test_proposals_and_successions_are_told(app, as_director, project, receiver, webhook):
    made = as_director.post(
        f"/projects/{project.id}/decisions", json={"decision_statement": "Brick."}
    ).get_json()
    old = factories.decision(project)
    as_director.post(
        f"/decisions/{made['id']}/relationships",
        json={"type": "supersedes", "decision_id": str(old.id)},
    )
    deliver_webhooks.run(app)
    told = [json.loads(body)["type"] for _, body in receiver.got]
    assert sorted(told) == ["decision.proposed", "decision.superseded"]


def test_only_what_was_asked_for_is_told(app, as_director, project, receiver):
    as_director.post(
        f"/projects/{project.id}/webhooks",
        json={"url": receiver.url, "events": ["decision.superseded"]},
    )
    for row in (factories.decision(project), factories.decision(factories.project())):
        as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    assert deliver_webhooks.run(app) == 0


def test_a_failure_is_tried_again_with_growing_waits(
    app, as_director, project, receiver, webhook, deliveries
):
    receiver.answers = [500, 302, 200]
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    begin = clock.now()
    assert deliver_webhooks.run(app) == 1
    [sent] = deliveries()
    assert (sent["last_status"], sent["last_error"]) == (500, "answered 500")
    assert deliver_webhooks.run(app) == 0
    for wait, tried in ((6, 1), (60, 0), (400, 1)):
        with time_machine.travel(begin + timedelta(seconds=wait)):
            assert deliver_webhooks.run(app) == tried
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert deliveries()[0]["last_status"] == 200


def test_after_the_last_attempt_it_is_given_up(app, as_director, project, receiver, webhook):
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    moment = clock.now()
    receiver.answers = [500] * 20
    for _ in range(12):
        moment += timedelta(days=2)
        with time_machine.travel(moment):
            deliver_webhooks.run(app)
    assert len(receiver.got) == 9
    found = db.session.query(WebhookDelivery).one()
    assert (found.attempts, found.next_at, found.delivered_at) == (9, None, None)


def test_a_receiver_that_is_gone_is_told_nothing_more(app, as_director, project, receiver, webhook):
    receiver.answers = [410]
    for row in (factories.decision(project), factories.decision(project)):
        as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    deliver_webhooks.run(app)
    assert len(receiver.got) == 1
    listed = as_director.get(f"/projects/{project.id}/webhooks").get_json()
    assert listed["webhooks"] == []


def test_several_workers_send_each_message_once(app, as_director, project, receiver, webhook):
    for _ in range(5):
        row = factories.decision(project)
        as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(deliver_webhooks.run, [app] * 4))
    assert sum(counts) == len(receiver.got) == 5
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 5


def test_a_closed_port_is_a_failure_with_a_name(
    app, as_director, project, receiver, webhook, deliveries
):
    receiver.server.shutdown()
    receiver.server.server_close()
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    deliver_webhooks.run(app)
    [sent] = deliveries()
    assert sent["last_status"] is None
    assert sent["last_error"] == "ConnectError"


def test_private_addresses_are_refused_when_saved_and_when_sent(
    make_app, app, as_director, director, project, receiver, webhook, deliveries
):
    strict = make_app()
    with strict.app_context():
        refused = ApiClient(strict, as_director.headers).post(
            f"/projects/{project.id}/webhooks",
            json={"url": "https://127.0.0.1/", "events": ["decision.approved"]},
        )
    assert_problem(refused, 422, "validation_error", "url")
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    deliver_webhooks.run(strict)
    assert receiver.got == []
    assert deliveries()[0]["last_error"] == "the URL must begin with https://"


def test_the_secret_is_shown_once(as_director, project, webhook):
    assert webhook["secret"].startswith("whsec_")
    [listed] = as_director.get(f"/projects/{project.id}/webhooks").get_json()["webhooks"]
    assert "secret" not in listed
    assert listed["events"] == sorted(EVENTS)


def test_the_secret_is_encrypted_at_rest(app, webhook):
    stored = db.session.scalars(sa.select(OutgoingWebhook.secret)).one()
    assert webhook["secret"].removeprefix("whsec_") not in stored
    assert sealing.unseal(stored) == webhook["secret"]


def test_a_secret_whose_key_is_gone_is_a_failure_with_its_reason(
    make_app, app, as_director, project, receiver, webhook, deliveries
):
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    keyless = make_app(
        OUTGOING_WEBHOOKS_PRIVATE=True,
        TOTP_ENCRYPTION_KEY="some other key that is as long as it must be",
    )
    assert deliver_webhooks.run(keyless) == 1
    assert receiver.got == []
    assert deliveries()[0]["last_error"] == "the secret needs a TOTP_ENCRYPTION_KEY not set"
    with time_machine.travel(clock.now() + timedelta(seconds=6)):
        deliver_webhooks.run(app)
    assert len(receiver.got) == 1


def test_a_removed_webhook_is_sent_nothing_that_waits(app, as_director, project, receiver, webhook):
    row = factories.decision(project)
    as_director.patch(f"/decisions/{row.id}", json={"approved": True})
    path = f"/projects/{project.id}/webhooks/{webhook['id']}"
    assert as_director.delete(path).status_code == 204
    assert_problem(as_director.delete(path), 404, "resource_not_found")
    assert deliver_webhooks.run(app) == 0
    assert receiver.got == []


def test_webhooks_are_for_directors_and_owners(as_architect, project, webhook):
    path = f"/projects/{project.id}/webhooks"
    body = {"url": "https://hooks.example.com/", "events": ["decision.approved"]}
    for response in (
        as_architect.get(path),
        as_architect.post(path, json=body),
        as_architect.delete(f"{path}/{webhook['id']}"),
        as_architect.get(f"{path}/{webhook['id']}/deliveries"),
    ):
        assert_problem(response, 403, "permission_denied")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "ftp://x", "events": ["decision.approved"]}, "url"),
        ({"url": "https://x", "events": []}, "events"),
        ({"url": "https://x", "events": ["decision.burnt"]}, "events.0"),
    ],
)
def test_a_bad_webhook_is_refused(as_director, project, body, field):
    response = as_director.post(f"/projects/{project.id}/webhooks", json=body)
    assert_problem(response, 422, "validation_error", field)


def test_another_projects_webhook_is_not_found_here(as_director, webhook):
    other = factories.project()
    for path in (webhook["id"], uuid.uuid4()):
        response = as_director.delete(f"/projects/{other.id}/webhooks/{path}")
        assert_problem(response, 404, "resource_not_found")
