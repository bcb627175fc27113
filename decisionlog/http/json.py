"""Strict JSON in, plain JSON out."""

from typing import Any

from flask import request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import UnsupportedMediaType

from decisionlog.errors import Invalid


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class StrictJSONProvider(DefaultJSONProvider):
    """RFC 8259 to the letter: NaN and Infinity, which Python lets through, are refused."""

    compact = True
    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, parse_constant=_refuse_constant, **kwargs)
        except RecursionError as error:
            raise ValueError("too deeply nested") from error


def require_json_object() -> dict[str, Any]:
    """The request's body as a JSON object.

    Raises UnsupportedMediaType (415), BadRequest (400) for what is not JSON, Invalid (422) for
    JSON that is not an object.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")
    body = request.get_json()
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    return body
