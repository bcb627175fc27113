"""The only source of time."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards, for measuring how long something took."""
    return time.monotonic()


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`, to the microsecond where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
