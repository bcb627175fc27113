"""What every blueprint shares."""

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from decisionlog.http import (  # noqa: F401
    conditional,
    docs,
    headers,
    health,
    memory_limits,
    metrics,
    openapi,
    request_id,
)
from decisionlog.http.json import StrictJSONProvider


def init_app(app: Flask) -> None:
    app.json = StrictJSONProvider(app)
    # First in, last out: it measures all that the others do.
    metrics.init_app(app)
    request_id.init_app(app)
    headers.init_app(app)
    conditional.init_app(app)
    openapi.init_app(app)
    docs.init_app(app)
    health.init_app(app)
    # Frontends call the API at /api as well: the same application, mounted twice.
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api": app.wsgi_app})
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        # Nothing here is built from the scheme or the host, so neither is taken from a header.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
