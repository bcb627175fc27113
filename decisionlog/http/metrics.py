"""What came in over HTTP, how it was answered and how long that took: for `/metrics`.

gunicorn's processes count into files that they share (gunicorn.conf.py says where), so that any of
them answers for all; a process alone counts in memory.
"""

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.multiprocess import MultiProcessCollector

from decisionlog import clock

# From a list that is read from memory to the longest export; a login takes a quarter of a second.
BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# A label is a series for good: what callers make up must not make any.
OTHER = "other"

# Several processes can't tell when a series began, so that one alone does not either.
disable_created_metrics()
DURATION = Histogram(
    "decisionlog_http_request_duration_seconds",
    "HTTP requests by how long the application took to answer.",
    ["method", "route", "status"],
    buckets=BUCKETS,
    registry=None,
)
IN_PROGRESS = Gauge(
    "decisionlog_http_requests_in_progress",
    "HTTP requests that are being answered.",
    multiprocess_mode="livesum",
    registry=None,
)


def register(registry: CollectorRegistry) -> None:
    """Add what all processes of this server have counted."""
    if values.ValueClass is values.MutexValue:
        registry.register(DURATION)
        registry.register(IN_PROGRESS)
    else:
        MultiProcessCollector(registry)


def _begin() -> None:
    g.began_at = clock.monotonic()
    IN_PROGRESS.inc()


def _count(response: Response) -> Response:
    method = request.method if request.method in METHODS else OTHER
    route = request.url_rule.rule if request.url_rule else OTHER
    taken = clock.monotonic() - g.began_at
    DURATION.labels(method, route, response.status_code).observe(taken)
    return response


def _end(error: BaseException | None) -> None:
    # A context that never dispatched a request, as commands and tests make, began none.
    if g.pop("began_at", None) is not None:
        IN_PROGRESS.dec()


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)
    app.teardown_request(_end)
