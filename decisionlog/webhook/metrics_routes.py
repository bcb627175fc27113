"""What a Prometheus server asks for: the pipeline, counted in the database, and the requests.

Any process may answer, for all of them.
"""

import hmac
from collections.abc import Iterable, Iterator

from flask import Response, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from decisionlog.errors import AuthenticationFailed
from decisionlog.http import metrics as http_metrics
from decisionlog.jobs import leases, statistics
from decisionlog.webhook import bp

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
RUN_LABELS = ["extractor", "model", "status"]
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write")


@bp.get("/metrics")
def metrics() -> Response:
    """The figures of pipeline and requests in Prometheus' text format"""
    _require_scraper()
    registry = CollectorRegistry()
    registry.register(_Pipeline())
    http_metrics.register(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_scraper() -> None:
    """Raises AuthenticationFailed without METRICS_TOKEN; with none set, away from this machine."""
    token = current_app.config["METRICS_TOKEN"]
    if token:
        offered = request.headers.get("Authorization", "").encode()
        if hmac.compare_digest(offered, f"Bearer {token}".encode()):
            return
    # A proxy on this machine calls from here too, for the whole world.
    elif request.remote_addr in LOOPBACK and not any(name in request.headers for name in FORWARDED):
        return
    raise AuthenticationFailed("Metrics need METRICS_TOKEN, or a call from this very machine.")


class _Pipeline(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _transcripts()
        yield from _runs()

    def describe(self) -> Iterable[Metric]:
        return ()


def _transcripts() -> Iterator[Metric]:
    by_status = GaugeMetricFamily(
        "decisionlog_transcripts", "Transcripts by status.", labels=["status"]
    )
    for status, count in statistics.transcripts_by_status().items():
        by_status.add_metric([status], count)
    yield by_status
    yield GaugeMetricFamily(
        "decisionlog_transcripts_due",
        "Transcripts that a worker could take now: the depth of the queue.",
        value=leases.due_count(),
    )
    yield GaugeMetricFamily(
        "decisionlog_transcripts_overdue_seconds",
        "How long the transcript that has been due for longest has waited.",
        value=statistics.overdue_seconds(),
    )
    waiting, seconds = statistics.awaiting_batches()
    yield GaugeMetricFamily(
        "decisionlog_transcripts_in_batches",
        "Transcripts that wait for a Message Batch; they are pending or processing too.",
        value=waiting,
    )
    yield GaugeMetricFamily(
        "decisionlog_batch_wait_seconds",
        "How long the transcript that waits for its batch for longest has waited.",
        value=seconds,
    )
    yield GaugeMetricFamily(
        "decisionlog_transcripts_oldest_pending_seconds",
        "How long ago the oldest pending transcript came in, also where a later attempt is due.",
        value=statistics.oldest_pending_seconds(),
    )


def _runs() -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "decisionlog_extraction_runs", "Attempts by how they ended.", labels=RUN_LABELS
    )
    decisions = CounterMetricFamily(
        "decisionlog_extraction_decisions", "Decisions that runs stored.", labels=RUN_LABELS
    )
    tokens = CounterMetricFamily(
        "decisionlog_extraction_tokens", "Tokens by kind.", labels=[*RUN_LABELS, "kind"]
    )
    cost = CounterMetricFamily(
        "decisionlog_extraction_cost_usd", "What runs cost, in USD.", labels=RUN_LABELS
    )
    for row in statistics.run_totals():
        labels = [row.extractor, row.model or "", row.status]
        runs.add_metric(labels, row.runs)
        decisions.add_metric(labels, row.decisions)
        cost.add_metric(labels, float(row.cost_usd))
        for kind in TOKEN_KINDS:
            tokens.add_metric([*labels, kind], getattr(row, f"{kind}_tokens"))
    yield from (runs, decisions, tokens, cost)
