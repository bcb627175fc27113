"""Blueprint `webhook`: what comes in from machines. Every route asks for a proof of its own."""

from flask import Blueprint, Flask

bp = Blueprint("webhook", __name__)

from decisionlog.webhook import routes  # noqa: E402, F401  (registers the views on bp)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
