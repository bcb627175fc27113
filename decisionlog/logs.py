"""Log format and redaction. Production writes one JSON object a line, development plain text."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

REDACTED = "[redacted]"
SENSITIVE = re.compile(
    r"password|secret|token|authorization|cookie|api_?key|otp|captcha|signature|"
    r"transcript$|content|body|quote|statement|database_url|queue_url",
    re.IGNORECASE,
)
# What may hide inside a message: bearer tokens, JWTs, our own and Anthropic's keys, URL passwords.
SECRET_SHAPES = re.compile(
    r"(?i:bearer\s+\S+)|eyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:dlt_|sk-ant-)[\w-]+|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
# PostgreSQL repeats the row that it refuses: "DETAIL:  Failing row contains (…)".
ROW_DETAIL = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n\nThe above exception|\Z)", re.DOTALL)
COUNTS = re.compile(r"_tokens$|_bytes$|_id$|_count$")


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: hide values by their key's name, and known shapes of secrets, however
    deep they lie."""
    for key, value in event.items():
        event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if SENSITIVE.search(key) and not COUNTS.search(key):
        return REDACTED
    if isinstance(value, str):
        return SECRET_SHAPES.sub(REDACTED, ROW_DETAIL.sub(f"DETAIL: {REDACTED}", value))
    if isinstance(value, Mapping):
        return {name: _redacted(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(key, inner) for inner in value]
    return value


def configure(level: str, production: bool, report: Processor | None = None) -> None:
    """Send structlog and the standard library's logging to stderr in one format.

    `report` sees every line with its error, before the error becomes text.
    """
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([report] if report else []),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The SDK's debug lines hold whole requests, and with them whole transcripts.
    for name in ("anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
