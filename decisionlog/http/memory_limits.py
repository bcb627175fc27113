"""The rate limits' store in memory, for one process."""

import threading
from typing import Any

from limits.storage import MemoryStorage

from decisionlog import clock

CLEANING_SECONDS = 10.0


class CalmMemoryStorage(MemoryStorage):
    """The store of `memory://`, which clears up every ten seconds and forgets who is gone.

    That of limits starts a thread a request for it, which walks through every address seen so far,
    and keeps the addresses for ever: with many callers that takes the whole processor in the end.
    """

    # limits registers a class under its schemes: the last one to name one has it.
    STORAGE_SCHEME = ["memory"]  # noqa: RUF012 (the base class declares it so)

    def __init__(self, *args: Any, **kwargs: Any):
        self._guard = threading.Lock()
        self._cleaned_at = clock.monotonic()
        super().__init__(*args, **kwargs)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        with self._guard:
            return super().acquire_entry(key, limit, expiry, amount)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._guard:
            return super().incr(key, expiry, amount)

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 (the name that it is called by)
        if clock.monotonic() - self._cleaned_at < CLEANING_SECONDS:
            return
        self._cleaned_at = clock.monotonic()
        self._MemoryStorage__expire_events()
        for key in [key for key, entries in self.events.items() if not entries]:
            del self.events[key]
