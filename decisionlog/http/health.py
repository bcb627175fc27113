"""Is the process alive, and can it do its work?"""

import structlog
from flask import Blueprint, Flask, current_app
from sqlalchemy import text

from decisionlog.errors import ServiceUnavailable
from decisionlog.extensions import db, limiter
from decisionlog.http.openapi import ANYONE, operation
from decisionlog.http.schemas import Output

log = structlog.get_logger()
bp = Blueprint("health", __name__)


class Health(Output):
    status: str


@bp.get("/health")
@limiter.exempt
@operation(returns=Health, security=ANYONE, tag="operation")
def health() -> Health:
    """The process answers"""
    return Health(status="ok")


@bp.get("/ready")
@limiter.exempt
@operation(returns=Health, problems=(503,), security=ANYONE, tag="operation")
def ready() -> Health:
    """Database and queue answer too"""
    checks = {
        "database": lambda: db.session.execute(text("SELECT 1")),
        "queue": lambda: current_app.extensions["huey"].pending_count(),
    }
    for name, check in checks.items():
        try:
            check()
        except Exception as error:
            log.error("not ready", part=name, error=type(error).__name__)
            raise ServiceUnavailable(f"The {name} does not answer.") from error
    return Health(status="ready")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
