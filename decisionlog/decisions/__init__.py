"""Blueprint `decisions`: the record. Every route asks for an access token."""

from flask import Blueprint, Flask

from decisionlog.auth.guard import require_access_token

bp = Blueprint("decisions", __name__)
bp.before_request(require_access_token)

from decisionlog.decisions import (  # noqa: E402, F401  (registers the views on bp)
    decision_routes,
    digest_routes,
    export_routes,
    ingest_token_routes,
    link_routes,
    notification_routes,
    project_routes,
    review_routes,
    search_routes,
    transcript_routes,
)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
