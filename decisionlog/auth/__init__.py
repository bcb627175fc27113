"""Blueprint `auth`: who you are. Every route asks for an access token unless it is named here."""

from flask import Blueprint, Flask, request

from decisionlog.auth import tokens
from decisionlog.auth.guard import require_access_token

bp = Blueprint("auth", __name__)

PUBLIC = {"auth.login", "auth.refresh"}


@bp.before_request
def _guard() -> None:
    if request.endpoint not in PUBLIC:
        require_access_token()


from decisionlog.auth import routes  # noqa: E402, F401  (registers the views on bp)


def init_app(app: Flask) -> None:
    tokens.init_app(app)
    app.register_blueprint(bp)
