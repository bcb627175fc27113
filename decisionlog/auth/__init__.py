"""Blueprint `auth`: who you are. Every route asks for an access token unless it is named here."""

from flask import Blueprint, Flask, request

from decisionlog.auth import blocklist, tokens
from decisionlog.auth.guard import require_access_token

bp = Blueprint("auth", __name__)

PUBLIC = {"auth.login", "auth.refresh"}
# No body here has more to say, and whoever is not signed in must not make us read megabytes.
MAX_BODY_BYTES = 64 * 1024


@bp.before_request
def _guard() -> None:
    request.max_content_length = MAX_BODY_BYTES
    if request.endpoint not in PUBLIC:
        require_access_token()


from decisionlog.auth import (  # noqa: E402, F401  (registers the views on bp)
    account_routes,
    audit_routes,
    routes,
    two_factor_routes,
    user_routes,
)


def init_app(app: Flask) -> None:
    blocklist.init_app(app)
    tokens.init_app(app)
    app.register_blueprint(bp)
