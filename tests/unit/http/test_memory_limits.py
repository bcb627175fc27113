import threading

import time_machine
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from decisionlog.http.memory_limits import CLEANING_SECONDS, CalmMemoryStorage

LIMIT = parse("3 per minute")


def test_memory_is_ours():
    assert isinstance(storage_from_string("memory://"), CalmMemoryStorage)


def test_the_limit_counts_over_a_moving_window():
    with time_machine.travel(0, tick=False) as traveller:
        limits = MovingWindowRateLimiter(CalmMemoryStorage())
        assert [limits.hit(LIMIT, "someone") for _ in range(4)] == [True, True, True, False]
        traveller.shift(61)
        assert limits.hit(LIMIT, "someone")


def test_who_is_gone_is_forgotten(monkeypatch):
    storage = CalmMemoryStorage()
    limits = MovingWindowRateLimiter(storage)
    with time_machine.travel(0, tick=False) as traveller:
        for number in range(100):
            limits.hit(LIMIT, f"address {number}")
        assert len(storage.events) == 100
        traveller.shift(61)
        storage._cleaned_at -= CLEANING_SECONDS
        limits.hit(LIMIT, "the last one")
    assert len(storage.events) == 1


def test_a_request_starts_no_thread():
    storage = CalmMemoryStorage()
    storage.timer.join()
    before = threading.active_count()
    MovingWindowRateLimiter(storage).hit(LIMIT, "someone")
    assert threading.active_count() == before


def test_of_parallel_requests_as_many_get_through_as_the_limit_says():
    limits = MovingWindowRateLimiter(CalmMemoryStorage())
    passed = []
    threads = [
        threading.Thread(target=lambda: passed.append(limits.hit(LIMIT, "someone")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 3
