"""What Sentry is told, where SENTRY_DSN names one: what broke and where, never what was said."""

import sys
import threading

import pytest
import sentry_sdk
import structlog

from config import ConfigurationError
from decisionlog import create_app
from decisionlog.extraction.drafts import PermanentError
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs import worker
from tests import factories, sentry_server
from tests.api_client import ApiClient
from tests.conftest import SETTINGS
from tests.unit.jobs.conftest import extractor  # noqa: F401 (a fixture)

SPEECH = "[00:00:05] Ana: The vault's combination stays between us, ana@example.com.\n"


@pytest.fixture
def sentry():
    with sentry_server.serving() as made:
        yield made


@pytest.fixture
def client(app, make_app, sentry):
    """Nobody's client, of an app that reports."""
    return ApiClient(make_app(SENTRY_DSN=sentry.dsn))


def reported(sentry):
    sentry_sdk.flush()
    return sentry.events()


def break_down(*args, **kwargs):
    try:
        raise KeyError(SPEECH)
    except KeyError as error:
        raise RuntimeError(f"no place for {kwargs} after {SPEECH}") from error


def deliver(client, project, **headers):
    body = {"webhook_id": "w-1", "project_id": str(project.id), "transcript": SPEECH}
    return client.deliver(body, headers=headers)


def test_an_unexpected_error_in_a_request_arrives_once_with_its_request_id(
    client, project, sentry, monkeypatch
):
    monkeypatch.setattr("decisionlog.webhook.routes.take_in", break_down)
    assert deliver(client, project, **{"X-Request-ID": "the-delivery"}).status_code == 500
    (event,) = reported(sentry)
    assert event["tags"]["request_id"] == "the-delivery"
    cause, error = event["exception"]["values"]
    assert (cause["type"], error["type"]) == ("KeyError", "RuntimeError")
    assert error["stacktrace"]["frames"][-1]["function"] == "break_down"
    assert event["environment"] == "development"
    assert event["release"] == "decisionlog@0.1.0"


def test_an_unexpected_error_in_a_job_arrives_once_with_the_id_of_its_request(
    client, project, sentry, monkeypatch
):
    answer = deliver(client, project, **{"X-Request-ID": "the-delivery"})
    structlog.contextvars.clear_contextvars()
    monkeypatch.setattr(job, "extract_decisions", break_down)
    job.run_next()
    (event,) = reported(sentry)
    assert event["tags"]["request_id"] == "the-delivery"
    assert event["tags"]["transcript_id"] == answer.get_json()["transcript_id"]


def test_a_chore_that_fails_is_reported(client, sentry):
    over = threading.Event()
    over.set()
    worker._keep_doing(client.app, break_down, 60, over)
    (event,) = reported(sentry)
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"


def test_a_signal_that_breaks_down_is_reported_though_only_the_queue_logs_it(
    client, sentry, monkeypatch
):
    monkeypatch.setattr(job, "run_next", break_down)
    huey = client.app.extensions["huey"]
    client.app.extensions["wake_worker"]()
    huey.execute(huey.dequeue())
    (event,) = reported(sentry)
    assert event["tags"]["logger"].startswith("huey")


def test_nothing_that_was_said_or_is_secret_leaves(client, project, sentry, monkeypatch):
    person = factories.user(email="somebody@example.com")
    headers = client.signed_in(person).headers | {"Cookie": "session=biscuit"}
    monkeypatch.setattr("decisionlog.webhook.routes.take_in", break_down)
    deliver(client, project, **headers)
    monkeypatch.setattr("decisionlog.decisions.access.project", break_down)
    page = f"/projects/{project.id}/decisions?search=a-secret-search"
    assert client.get(page, headers=headers).status_code == 500
    assert len(reported(sentry)) == 2
    sent = "".join(sentry.envelopes)
    for secret in (
        "combination",
        "ana@example.com",
        "somebody@example.com",
        headers["Authorization"].split()[1],
        "biscuit",
        "a-secret-search",
        SETTINGS["TACTIQ_WEBHOOK_SECRET"],
        SETTINGS["JWT_SECRET_KEY"],
    ):
        assert secret not in sent
    for event in sentry.events():
        assert not {"request", "user", "breadcrumbs", "extra", "modules"} & event.keys()
        frames = (
            frame
            for error in event["exception"]["values"]
            for frame in error["stacktrace"]["frames"]
        )
        assert not any("vars" in frame for frame in frames)


def test_what_callers_do_wrong_is_not_reported(client, project, sentry):
    client.get("/nothing/here")
    client.post("/health")
    client.get("/projects")
    client.post("/auth/login", json={"email": "x"})
    client.post("/auth/login", data="{", content_type="application/json")
    client.deliver({"webhook_id": "w"}, secret="not the secret that both sides agreed upon")
    assert deliver(client, project).status_code == 202
    assert deliver(client, project).status_code == 200
    assert reported(sentry) == []


def test_an_extraction_that_fails_for_a_known_reason_is_not_reported(
    client,
    project,
    sentry,
    extractor,  # noqa: F811
):
    deliver(client, project)
    extractor.answer = PermanentError("no credit")
    job.run_next()
    assert reported(sentry) == []


def test_a_sentry_that_is_away_changes_no_answer(make_app, app, project, monkeypatch):
    client = ApiClient(make_app(SENTRY_DSN="http://key@127.0.0.1:1/7"))
    monkeypatch.setattr("decisionlog.webhook.routes.take_in", break_down)
    try:
        assert deliver(client, project).get_json()["error"] == "internal_error"
    finally:
        sentry_server.end_reporting()


@pytest.mark.parametrize("dsn", ["sentry", "https://sentry.example.com/7", "https://k@host/name"])
def test_a_dsn_that_is_none_stops_the_start(dsn):
    with pytest.raises(ConfigurationError, match="SENTRY_DSN"):
        create_app(SETTINGS | {"SENTRY_DSN": dsn})


def test_a_dsn_without_the_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk.utils", None)
    with pytest.raises(ConfigurationError, match="SENTRY_DSN needs the extra `sentry`"):
        create_app(SETTINGS | {"SENTRY_DSN": "https://key@sentry.example.com/7"})
