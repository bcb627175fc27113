"""A page to read and try the API, which works without the internet.

Swagger UI's files come from the package flask-swagger-ui; its own page is not used, since it holds
an inline script, which the content security policy forbids.
"""

from importlib.resources import files

from flask import Blueprint, Flask, Response, send_from_directory

from decisionlog.extensions import limiter

bp = Blueprint("docs", __name__)

OWN = files("decisionlog.http").joinpath("static")
SWAGGER_UI = files("flask_swagger_ui").joinpath("dist")
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
# Swagger UI sets style attributes and draws its icons from data: URLs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.get("/docs")
def page() -> Response:
    response = send_from_directory(str(OWN), "docs.html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@bp.get("/docs/<path:name>")
@limiter.exempt
def asset(name: str) -> Response:
    folder = SWAGGER_UI if name in ASSETS else OWN
    return send_from_directory(str(folder), name, max_age=86400)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
