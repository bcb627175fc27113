"""How long it takes to look a quote up: python -m benchmarks.grounding [megabytes, default 2]

Prints the time to index a made-up transcript of that size once, and per quote the mean and the
worst over quotes that stand to the letter, damaged quotes, and quotes that were never said.
"""

import random
import resource
import sys
import time

from decisionlog.extraction.drafts import Quote
from decisionlog.extraction.grounding import TranscriptIndex
from decisionlog.transcripts.transcript import Transcript, Turn

QUOTES = 300
SYLLABLES = ("ba", "co", "di", "fe", "ga", "lu", "mi", "no", "pra", "que", "ri", "sol", "te", "vu")


def main(megabytes: float) -> None:
    draw = random.Random(7)
    transcript = made_up(draw, int(megabytes * 1_000_000))
    print(f"{len(transcript.text):,} characters, {len(transcript.turns):,} turns")
    started = time.perf_counter()
    index = TranscriptIndex(transcript)
    print(f"index {1000 * (time.perf_counter() - started):.0f} ms")
    print(f"looser reading {lookup(index, draw, DAMAGES['invented']):.0f} ms, once")
    for kind, damage in DAMAGES.items():
        spent = [lookup(index, draw, damage) for _ in range(QUOTES)]
        print(f"{kind:10} mean {mean(spent):8.3f} ms   worst {max(spent):8.3f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak / 1024:.0f} MB")


def made_up(draw: random.Random, size: int) -> Transcript:
    """Turns of one to sixty words, common words common, as in speech."""
    vocabulary = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(20_000)]
    text, turns, length = [], [], 0
    while length < size:
        words = (vocabulary[int(20_000 * draw.random() ** 4)] for _ in range(draw.randint(1, 60)))
        said, head = " ".join(words), f"Speaker {draw.randint(1, 6)}: "
        start = length + len(head)
        turns.append(
            Turn(len(turns), head[:-2], said, None, None, start, start + len(said)),
        )
        text.append(f"{head}{said}\n")
        length += len(text[-1])
    return Transcript("".join(text), tuple(turns), "text")


def lookup(index: TranscriptIndex, draw: random.Random, damage) -> float:
    """Milliseconds for one quote; the first that needs the looser reading also makes it."""
    turn = draw.choice(index.transcript.turns)
    quote = Quote(damage(turn.text), draw.choice([None, turn.index]))
    started = time.perf_counter()
    index.find(quote)
    return 1000 * (time.perf_counter() - started)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


DAMAGES = {
    "verbatim": lambda text: text,
    "damaged": lambda text: text.upper().replace(" ", ", uh "),
    "invented": lambda text: f"{text} zeppelin",
}


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2)
