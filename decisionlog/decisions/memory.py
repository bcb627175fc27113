"""What one process remembers for some seconds."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from decisionlog import clock

ENTRIES_MAX = 1000

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by their keys, each for `seconds`; at most `most`, then the oldest go.

    Threads may share one: what two of them do at once costs at most a value.
    """

    def __init__(self, seconds: float, most: int = ENTRIES_MAX):
        self.seconds, self.most = seconds, most
        self._entries: dict[Hashable, tuple[float, Value]] = {}

    def get(self, key: Hashable) -> Value | None:
        """The value, None if there is none or it is too old."""
        kept_at, value = self._entries.get(key, (float("-inf"), None))
        return value if clock.monotonic() - kept_at < self.seconds else None

    def __setitem__(self, key: Hashable, value: Value) -> None:
        self._entries.pop(key, None)
        self._entries[key] = (clock.monotonic(), value)
        while len(self._entries) > self.most:
            self._entries.pop(next(iter(self._entries), None), None)
