"""Unexpected errors, told to Sentry where SENTRY_DSN names one.

What the log shows a traceback of, as an error, is reported. Only its kind and place leave the
machine, with the ids that find its line in the log: an error's own words may quote anything, what
was said in a meeting among it.
"""

import sys
from importlib.metadata import version
from typing import Any

from structlog.typing import EventDict, Processor

from config import ConfigurationError, Settings
from decisionlog import logs

TAGS = ("request_id", "transcript_id", "logger")
# What leaves of an event, whatever else the SDK may come to collect.
KEPT = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "sdk",
    "release",
    "environment",
    "server_name",
    "tags",
    "exception",
)
# Nothing is collected but what `_report` hands over: no request, no user, no variables, no trail
# of what came before. https://docs.sentry.io/platforms/python/configuration/options/
COLLECT_NOTHING = {
    "default_integrations": False,
    "auto_enabling_integrations": False,
    "auto_session_tracking": False,
    "max_request_body_size": "never",
    "include_local_variables": False,
    "max_breadcrumbs": 0,
    "send_client_reports": False,
    "enable_backpressure_handling": False,
    "spotlight": False,
    "debug": False,
}


def reporter(settings: Settings) -> Processor | None:
    """A structlog processor that reports errors and changes nothing; None without SENTRY_DSN.

    Raises ConfigurationError where that is no DSN, or the extra `sentry` is not installed.
    """
    if not settings.SENTRY_DSN:
        return None
    try:
        import sentry_sdk
        from sentry_sdk.integrations.atexit import AtexitIntegration
        from sentry_sdk.utils import BadDsn, Dsn
    except ImportError as error:
        raise ConfigurationError(
            "SENTRY_DSN needs the extra `sentry`: pip install '.[sentry]'"
        ) from error
    try:
        dsn = Dsn(settings.SENTRY_DSN)
    except BadDsn:
        raise ConfigurationError("SENTRY_DSN is not the DSN of a Sentry project") from None
    sentry_sdk.init(
        dsn=str(dsn),
        environment=settings.APP_ENV,
        release=f"decisionlog@{version('decisionlog')}",
        in_app_include=["decisionlog"],
        before_send=_without_words,
        # A process that ends sends what is left, for two seconds, and says nothing of it.
        integrations=[AtexitIntegration(callback=lambda pending, timeout: None)],
        **COLLECT_NOTHING,
    )
    return _report


def _report(logger: Any, method: str, event: EventDict) -> EventDict:
    import sentry_sdk

    error = _exception(event.get("exc_info"))
    if error is not None and event["level"] in ("error", "critical"):
        tags = {name: event[name] for name in TAGS if name in event}
        sentry_sdk.capture_exception(error, tags=tags)
    return event


def _exception(exc_info: Any) -> BaseException | None:
    """The error of a log line: given as it is, as sys.exc_info() tells it, or by True."""
    if isinstance(exc_info, tuple):
        return exc_info[1]
    if isinstance(exc_info, BaseException):
        return exc_info
    return sys.exception() if exc_info else None


def _without_words(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event as it leaves the machine."""
    kept = {name: event[name] for name in KEPT if name in event}
    for error in kept["exception"]["values"]:
        error["value"] = logs.REDACTED
    return logs.redact(None, "", kept)
