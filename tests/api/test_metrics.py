"""GET /metrics: for a Prometheus server with the token, or on this very machine."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from decisionlog import clock
from tests import factories
from tests.api_client import ApiClient

TOKEN = "a token that only Prometheus has"


class Figures(dict):
    def of(self, name, **labels) -> float:
        return self[f"decisionlog_{name}", frozenset(labels.items())]


def scraped(response) -> Figures:
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    families = text_string_to_metric_families(response.get_data(as_text=True))
    return Figures(
        ((sample.name, frozenset(sample.labels.items())), sample.value)
        for family in families
        for sample in family.samples
    )


def test_the_figures_are_those_of_the_database(client, project):
    due = clock.now() - timedelta(seconds=90)
    factories.transcript(project, next_attempt_at=due)
    factories.transcript(project, next_attempt_at=clock.now() + timedelta(hours=1))
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
