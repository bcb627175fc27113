"""GET /metrics: for a Prometheus server with the token, or on this very machine."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from decisionlog import clock
from tests import factories
from tests.api_client import ApiClient

TOKEN = "a token that only Prometheus has"
NOBODY = "00000000-0000-4000-8000-000000000000"


class Figures(dict):
    """Samples by name and labels; what was never counted stands at 0."""

    def of(self, name, **labels) -> float:
        return self.get((f"decisionlog_{name}", frozenset(labels.items())), 0)


def scraped(response) -> Figures:
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    return read(response.get_data(as_text=True))


def read(text) -> Figures:
    families = text_string_to_metric_families(text)
    return Figures(
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for family in families
        for sample in family.samples
    )


def test_the_figures_are_those_of_the_database(client, project):
    due = clock.now() - timedelta(seconds=90)
    factories.transcript(project, next_attempt_at=due)
    later = clock.now() + timedelta(hours=1)
    factories.transcript(project, next_attempt_at=later, created_at=due - timedelta(hours=5))
    done = factories.transcript(project, status="processed")
    run = {"extractor": "claude", "model": "claude-sonnet-5-5", "cost_usd": "0.25"}
    factories.run(done, status="failed", input_tokens=100, **run)
    factories.run(done, decision_count=3, input_tokens=900, output_tokens=40, **run)
    factories.run(done, decision_count=4, input_tokens=800, cache_read_tokens=7, **run)
    figures = scraped(client.get("/metrics"))
    assert figures.of("transcripts", status="pending") == 2
    assert figures.of("transcripts", status="processed") == 1
    assert figures.of("transcripts", status="failed") == 0
    assert figures.of("transcripts_due") == 1
    assert 90 <= figures.of("transcripts_overdue_seconds") < 120
    assert 18090 <= figures.of("transcripts_oldest_pending_seconds") < 18120
    claude = {"extractor": "claude", "model": "claude-sonnet-5-5"}
    complete = claude | {"status": "complete"}
    assert figures.of("extraction_runs_total", **complete) == 2
    assert figures.of("extraction_runs_total", **claude, status="failed") == 1
    assert figures.of("extraction_decisions_total", **complete) == 7
    assert figures.of("extraction_tokens_total", **complete, kind="input") == 1700
    assert figures.of("extraction_tokens_total", **complete, kind="cache_read") == 7
    assert figures.of("extraction_cost_usd_total", **complete) == pytest.approx(0.5)


def test_an_empty_record_has_figures_too(client):
    figures = scraped(client.get("/metrics"))
    assert figures.of("transcripts", status="pending") == 0
    assert figures.of("transcripts_overdue_seconds") == 0
    assert figures.of("transcripts_oldest_pending_seconds") == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_on_this_machine_brings_is_not_local(client, header):
    response = client.get("/metrics", headers={header: "203.0.113.9"})
    assert response.status_code == 401
    assert b"decisionlog_transcripts" not in response.data


def test_other_machines_need_the_token(client):
    response = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert response.status_code == 401


def test_the_token_opens_from_anywhere_and_nothing_else_does(make_app):
    client = ApiClient(make_app(METRICS_TOKEN=TOKEN))
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=right, **elsewhere).status_code == 200
    assert client.get("/metrics").status_code == 401
    for wrong in ("Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer \u00e9"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401


def test_a_users_token_opens_no_metrics(make_app, as_director):
    app = make_app(METRICS_TOKEN=TOKEN)
    assert ApiClient(app, as_director.headers).get("/metrics").status_code == 401


def answered(client, method, route, status) -> float:
    """How many such requests there were. Other tests count in this process too."""
    labels = {"method": method, "route": route, "status": str(status)}
    return scraped(client.get("/metrics")).of("http_request_duration_seconds_count", **labels)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/health", "/health", 200),
        ("HEAD", "/health", "/health", 200),
        ("GET", "/api/health", "/health", 200),
        ("GET", "/projects", "/projects", 401),
        ("GET", f"/decisions/{NOBODY}", "/decisions/<uuid:decision_id>", 401),
        ("GET", "/a/path/that/a/stranger/made/up", "other", 404),
        ("DELETE", "/health", "other", 405),
    ],
)
def test_requests_are_counted_by_route_and_never_by_path(client, method, path, route, status):
    before = answered(client, method, route, status)
    assert client.request(method, path).status_code == status
    assert answered(client, method, route, status) == before + 1
    page = client.get("/metrics").get_data(as_text=True)
    assert NOBODY not in page
    assert "stranger" not in page


def test_a_method_that_a_stranger_made_up_makes_no_series(client):
    before = answered(client, "other", "other", 405)
    client.request("FROBNICATE", "/health")
    assert answered(client, "other", "other", 405) == before + 1
    assert "FROBNICATE" not in client.get("/metrics").get_data(as_text=True)


def test_a_failure_of_ours_is_counted_as_one(client, monkeypatch):
    before = answered(client, "GET", "/ready", 503)
    monkeypatch.setattr("decisionlog.http.health.db.session.execute", lambda *_: 1 / 0)
    assert client.get("/ready").status_code == 503
    monkeypatch.undo()
    assert answered(client, "GET", "/ready", 503) == before + 1


def test_the_time_that_an_answer_took_lies_in_its_buckets(client):
    labels = {"method": "GET", "route": "/openapi.json", "status": "200"}
    client.get("/openapi.json")
    figures = scraped(client.get("/metrics"))
    count = figures.of("http_request_duration_seconds_count", **labels)
    assert figures.of("http_request_duration_seconds_bucket", **labels, le="+Inf") == count
    assert figures.of("http_request_duration_seconds_bucket", **labels, le="10.0") == count
    assert 0 < figures.of("http_request_duration_seconds_sum", **labels) < 10 * count


def test_only_the_one_who_asks_is_in_progress(client):
    client.get("/projects")
    client.get("/a/path/of/no/route")
    # Nobody asked.
    with client.app.test_request_context():
        pass
    assert scraped(client.get("/metrics")).of("http_requests_in_progress") == 1
