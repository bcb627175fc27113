"""The OpenAPI document, made from the routes, and the decorator that puts a route into it."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import spectree
from flask import Blueprint, Flask, Response, current_app, json, request
from pydantic import BaseModel, ValidationError
from spectree.model_adapter.pydantic_adapter import PydanticModelAdapter
from spectree.models import InType, SecureType, SecurityScheme, SecuritySchemeData

from decisionlog.errors import Invalid
from decisionlog.http.json import require_json_object
from decisionlog.http.schemas import ProblemDetails

bp = Blueprint("openapi", __name__)

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
ANYONE: list[dict[str, list[str]]] = [{}]
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
NOT_MODIFIED = {"description": "Not modified since the ETag of If-None-Match"}
PROBLEM_TYPE = "application/problem+json"


def _raise_our_own(_request: Any, response: Any, error: Any, instance: Any, adapter: Any) -> None:
    if isinstance(error, ValidationError):
        raise Invalid.from_pydantic(error)


class Answers(PydanticModelAdapter):
    """What a view answers is made of our own values: it is written as it stands, once."""

    def dump_json(self, value: Any) -> bytes:
        return value.__pydantic_serializer__.to_json(value, warnings=False)

    def validate_json(self, model: type[Any], value: bytes) -> None:
        """Called with what a view has serialised itself."""


class LazySpecTree(spectree.SpecTree):
    """spectree makes the JSON schemas of a route's models when it decorates the view, which was a
    third of the start-up. This one waits until the document is asked for."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._waiting: dict[str, tuple[Any, str]] = {}

    def _add_model(self, model: Any, mode: str = "validation") -> str:
        key = self.naming_strategy(model)
        self._waiting[key] = model, mode
        return key

    def _generate_spec(self) -> dict[str, Any]:
        for model, mode in self._waiting.values():
            super()._add_model(model, mode)
        return super()._generate_spec()


api = LazySpecTree(
    "flask",
    title="DecisionLog",
    description="The decisions made in meetings, each tied to the words that were said.",
    version="0.1.0",
    path="openapi",
    mode="strict",
    annotations=False,
    model_adapter=Answers(),
    before=_raise_our_own,
    validation_error_model=ProblemDetails,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="bearer",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"),
        ),
        SecurityScheme(
            name="tactiq_signature",
            data=SecuritySchemeData(
                type=SecureType.API_KEY,
                name="X-Tactiq-Signature",
                field_in=InType.HEADER,
                description="sha256= and the hex HMAC-SHA-256 of the raw body; with"
                " X-Tactiq-Timestamp of <timestamp>.<body>",
            ),
        ),
        SecurityScheme(
            name="standard_webhooks",
            data=SecuritySchemeData(
                type=SecureType.API_KEY,
                name="webhook-signature",
                field_in=InType.HEADER,
                description="Standard Webhooks, with webhook-id and webhook-timestamp",
            ),
        ),
        SecurityScheme(
            name="circleback_signature",
            data=SecuritySchemeData(
                type=SecureType.API_KEY,
                name="x-signature",
                field_in=InType.HEADER,
                description="the hex HMAC-SHA-256 of the raw body",
            ),
        ),
        SecurityScheme(
            name="ingest_token",
            data=SecuritySchemeData(
                type=SecureType.HTTP,
                scheme="bearer",
                description="a project's ingest token, dlt_…",
            ),
        ),
    ],
)


def operation(
    *,
    returns: type[BaseModel] | None = None,
    status: int = 200,
    also: dict[int, type[BaseModel] | None] | None = None,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    form: type[BaseModel] | None = None,
    problems: tuple[int, ...] = (),
    security: list[dict[str, list[str]]] = BEARER,
    media: tuple[str, ...] = (),
    tag: str,
) -> Callable[[Callable], Callable]:
    """Validate what comes in, and document the route under its docstring.

    The view finds the validated models in `request.context.query`, `.json` and `.form`; with
    `form` beside `body`, the content type tells which of the two it is.
    `returns` is what it answers with `status`, `also` what else may succeed, `problems` the
    refusals of its own; those that every route has are added to the document by themselves.
    `media` are the types beside JSON in which it may answer 200.
    Raises Invalid, BadRequest or UnsupportedMediaType before the view runs.
    """
    answers: dict[str, Any] = {f"HTTP_{status}": returns}
    answers |= {f"HTTP_{code}": model for code, model in (also or {}).items()}
    own = {*problems, 429, 500}
    if security != ANYONE:
        own.add(401)
    if body is not None:
        own |= {400, 413, 415}
    answers |= {f"HTTP_{code}": ProblemDetails for code in own}

    def decorate(view: Callable) -> Callable:
        validated = api.validate(
            query=query,
            json=body,
            form=form,
            resp=spectree.Response(**answers),
            tags=(tag,),
            security=security,
        )(view)
        validated.media = media
        if body is None:
            return validated

        @wraps(validated)
        def strict(*args: Any, **kwargs: Any) -> Any:
            # spectree reads what is not JSON as {}, and would blame the fields for it.
            if form is None or request.mimetype not in FORM_TYPES:
                require_json_object()
            return validated(*args, **kwargs)

        return strict

    return decorate


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the current application."""
    spec = api.spec
    for path in spec["paths"].values():
        for method, entry in path.items():
            entry.setdefault("security", BEARER)
            if method == "get":
                entry["responses"]["304"] = NOT_MODIFIED
            if "requestBody" in entry:
                entry["requestBody"]["required"] = True
            for code, response in entry["responses"].items():
                if code >= "400" and "application/json" in response.get("content", {}):
                    response["content"] = {PROBLEM_TYPE: response["content"]["application/json"]}
    for rule in current_app.url_map.iter_rules():
        media = getattr(current_app.view_functions[rule.endpoint], "media", ())
        if media:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            content = spec["paths"][path]["get"]["responses"]["200"].setdefault("content", {})
            content |= {kind: {"schema": {"type": _type_of(kind)}} for kind in media}
    return spec


def _type_of(media: str) -> str:
    return "object" if media == "application/json" else "string"


@bp.get("/openapi.json")
def openapi_json() -> Response:
    if "openapi_json" not in current_app.extensions:
        current_app.extensions["openapi_json"] = json.dumps(document())
    return current_app.response_class(
        current_app.extensions["openapi_json"], mimetype="application/json"
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
