"""One id that follows a request through answer, log and audit."""

import re
import uuid

import structlog
from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
# A caller's id is taken over only in a form that can't break a log line.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def _begin() -> None:
    offered = request.headers.get(HEADER, "")
    g.request_id = offered if ACCEPTABLE.fullmatch(offered) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _tell(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    return response


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_tell)
