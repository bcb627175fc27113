"""When the weekly digest is due: Monday at eight, where the reader is."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SEND_AT = time(8)


def next_monday(after: datetime, time_zone: str) -> datetime:
    """The first Monday, eight o'clock in the time zone, that lies after a moment."""
    zone = ZoneInfo(time_zone)
    day = after.astimezone(zone).date()
    monday = day + timedelta(days=-day.weekday() % 7)
    moment = datetime.combine(monday, SEND_AT, zone)
    if moment <= after:
        moment = datetime.combine(monday + timedelta(days=7), SEND_AT, zone)
    return moment
