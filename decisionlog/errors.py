"""What may go wrong, and the one shape in which callers are told: RFC 9457 problem details."""

from typing import Any, ClassVar

import structlog
from flask import Flask, Response, current_app, g, json
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

log = structlog.get_logger()


class Problem(Exception):
    """An answer other than success. `error` is the stable code that clients switch on."""

    status: ClassVar[int]
    error: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.errors: list[dict[str, str]] = []


class Invalid(Problem):
    """The request is well formed, but some of its fields are not acceptable."""

    status, error, title = 422, "validation_error", "The request is not valid"

    def __init__(self, detail: str, errors: list[dict[str, str]] | None = None):
        super().__init__(detail)
        self.errors = errors or []

    @classmethod
    def field(cls, name: str, message: str) -> "Invalid":
        return cls(f"{name}: {message}", [{"field": name, "message": message}])

    @classmethod
    def from_pydantic(cls, error: ValidationError) -> "Invalid":
        errors = [
            {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"]}
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        first = errors[0]
        detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
        return cls(detail, errors)


class AuthenticationFailed(Problem):
    status, error, title = 401, "authentication_failed", "Authentication failed"


class TokenRevoked(Problem):
    status, error, title = 401, "token_revoked", "The token has been revoked"


class OtpRequired(Problem):
    status, error, title = 401, "otp_required", "A code of the second factor is needed"


class CaptchaRequired(Problem):
    status, error, title = 401, "captcha_required", "A CAPTCHA is needed"


class InvalidSignature(Problem):
    status, error, title = 401, "invalid_signature", "The signature is not valid"


class PermissionDenied(Problem):
    status, error, title = 403, "permission_denied", "This is not allowed"


class NotFound(Problem):
    """Also the answer for what exists but is not the caller's to see: always the same bytes."""

    status, error, title = 404, "resource_not_found", "Not found"

    def __init__(self, detail: str = "There is nothing here that you can see."):
        super().__init__(detail)


class Conflict(Problem):
    status, error, title = 409, "conflict", "Conflict with the present state"


class PreconditionFailed(Problem):
    status, error, title = 412, "precondition_failed", "Somebody else was faster"

    def __init__(self, detail: str = "This has changed since you read it. Read it again first."):
        super().__init__(detail)


class ServiceUnavailable(Problem):
    status, error, title = 503, "service_unavailable", "The service is not available"


# How werkzeug's own refusals are told; a status that is not here keeps its name.
HTTP_ERRORS = {
    400: ("validation_error", "The request is malformed"),
    404: (NotFound.error, NotFound.title),
    405: ("method_not_allowed", "The method is not allowed here"),
    413: ("validation_error", "The body is too large"),
    415: ("validation_error", "The content type is not supported"),
    429: ("rate_limit_exceeded", "Too many requests"),
}


def problem_response(
    status: int,
    error: str,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem+json response (RFC 9457) with this project's `error` and `request_id` members."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "error": error,
        "request_id": g.get("request_id"),
    }
    if errors:
        body["errors"] = errors
    return current_app.response_class(
        json.dumps(body), status=status, headers=headers, mimetype="application/problem+json"
    )


def _handle_problem(problem: Problem) -> Response:
    return problem_response(
        problem.status,
        problem.error,
        problem.title,
        problem.detail,
        problem.errors,
        problem.headers,
    )


def _handle_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    code, title = HTTP_ERRORS.get(status, (error.name.lower().replace(" ", "_"), error.name))
    detail = NotFound().detail if status == 404 else error.description or title
    kept = {
        name: value
        for name, value in error.get_headers()
        if name not in ("Content-Type", "Content-Length")
    }
    return problem_response(status, code, title, detail, headers=kept)


def _handle_unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return problem_response(
        500,
        "internal_error",
        "Internal error",
        "Something went wrong on our side. The request id finds it in the log.",
    )


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, _handle_problem)
    app.register_error_handler(HTTPException, _handle_http)
    app.register_error_handler(Exception, _handle_unexpected)
