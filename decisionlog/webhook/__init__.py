"""Blueprint `webhook`: what comes in from machines. Every route asks for a proof of its own."""

from flask import Blueprint, Flask

bp = Blueprint("webhook", __name__)

from decisionlog.webhook import metrics_routes, routes  # noqa: E402, F401  (registers the views)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
