"""Four times the text takes about four times the work, whatever the text."""

import time
import tracemalloc
from contextlib import suppress

import pytest

from decisionlog.transcripts import UnreadableTranscript, parse

SMALL = 30_000

HOSTILE = {
    "one long word": lambda n: "Anna: " + "x" * n,
    "one long line of words": lambda n: "[00:00:01] Anna: " + "ab " * (n // 3),
    "spaces before a time": lambda n: "Anna" + " " * n + "0:05x",
    "spaces after each name": lambda n: ("Anna" + " " * 300 + "0:05x\n") * (n // 310),
    "open voices": lambda n: "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v " * (n // 3),
    "open voices with spaces": lambda n: "WEBVTT\n\n00:00.000 --> 00:01.000\n<v" + " " * n,
    "nested voices": lambda n: "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v A>a" * (n // 6),
    "ampersands": lambda n: "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "&#1" * (n // 3),
    "arrows": lambda n: "1\n00:00:01,000 --> 00:00:02,000\n" + "a-->" * (n // 4),
    "arrow lines": lambda n: "WEBVTT\n\n" + "00:00.000 --> 00:01.000\nx\n" * (n // 26),
    "colons": lambda n: ":" * n,
    "names only": lambda n: "Anna:\n" * (n // 6),
    "brackets": lambda n: "[00:00:01] " * (n // 11),
    "bracket lines": lambda n: "[00:00:01]\n" * (n // 11),
    "stars": lambda n: "*" * n + "[0:05]:",
    "digits": lambda n: "1" * n + ":00 Anna: hi",
    "parentheses": lambda n: "Anna " + "(" * n + ": hi\nBen: hi",
    "prose": lambda n: "The slope is steep.\n" * (n // 20),
    "different names": lambda n: "".join(f"name{i}: hi\n" for i in range(n // 13)),
    "times alone": lambda n: "00:01\n" * (n // 6),
    "right-to-left marks": lambda n: "\u200f" * n + "Anna: hi",
}


def seconds(text: str) -> float:
    def once() -> float:
        begin = time.process_time()
        with suppress(UnreadableTranscript):
            parse(text)
        return time.process_time() - begin

    return min(once() for _ in range(3))


@pytest.mark.parametrize("shape", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_as_the_text_does(shape):
    # Quadratic work would be sixteen times as much. Half a millisecond forgives a coarse clock.
    assert seconds(shape(4 * SMALL)) < 9 * (seconds(shape(SMALL)) + 0.0005)


def test_memory_stays_within_a_few_times_the_text():
    text = "".join(
        f"{n}\n{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d},000 --> 09:00:00,000\n"
        f"Speaker {n % 7}: the stair core needs a second exit and the roof a drain\n\n"
        for n in range(3_000)
    )
    tracemalloc.start()
    parse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 25 * len(text)
