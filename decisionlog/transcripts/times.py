"""The times that stand in transcripts."""

import re

# At most ten digits of hours: meetings that run over 99 hours are odd, yet they exist.
TIME = r"\d{1,10}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?(?:\s?(?:[AP]M|[ap]m|[AaPp]\.[Mm]\.)(?!\w))?"

_FIELDS = re.compile(r"(\d{1,10}):(\d\d)(?::(\d\d))?(?:[.,](\d{1,3}))?(?:\s?([AaPp])\.?[Mm]\.?)?")
_DAY = 24 * 3600
# More than this after the first turn is in truth a moment before it: people overlap.
_LONGEST_MEETING = 23 * 3600


class Clock:
    """Turns the times of one transcript into seconds from the start of the meeting.

    `MM:SS` and `H:MM:SS` count from the start already. Times with AM or PM are the time of day:
    the first of them is taken as the start, and midnight may pass.
    """

    def __init__(self) -> None:
        self._start_of_meeting: float | None = None

    def seconds(self, time: str) -> float | None:
        """Seconds for a text that matches TIME; None where it is no time, as in `00:75:00`."""
        first, second, third, fraction, half_day = _FIELDS.fullmatch(time).groups()
        beyond = float(f"0.{fraction}") if fraction else 0.0
        if half_day:
            return self._since_start(int(first), int(second), int(third or 0) + beyond, half_day)
        if third is None:
            hours, minutes, seconds = 0, int(first), int(second)
        else:
            hours, minutes, seconds = int(first), int(second), int(third)
            if minutes > 59:
                return None
        if seconds > 59:
            return None
        return hours * 3600 + minutes * 60 + seconds + beyond

    def _since_start(self, hours: int, minutes: int, seconds: float, half: str) -> float | None:
        if not 1 <= hours <= 12 or minutes > 59 or seconds >= 60:
            return None
        of_day = (hours % 12 + (12 if half in "Pp" else 0)) * 3600 + minutes * 60 + seconds
        if self._start_of_meeting is None:
            self._start_of_meeting = of_day
        since = (of_day - self._start_of_meeting) % _DAY
        return since if since < _LONGEST_MEETING else 0.0
