"""What the offline extractor sees of each turn, as named numbers.

Nothing here depends on what a meeting is about: the features are the families of cue phrases in
and around the turn, its place in the meeting, who speaks, and how much its words are the topic
of the moment.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from decisionlog.extraction.offline_cues import families, fold
from decisionlog.transcripts.transcript import Turn

AROUND = 3
TOPIC = 8
OPENING = 0.05
STAGES = (0.05, 0.15, 0.4, 0.7, 0.85, 0.95)

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-])+")
_COMMON = frozenset(
    """the a an of to in on for and or will be is are it that this with as by at from not have has
    was were should must they we i you so but if do can like just yeah okay what there then well
    know think it's that's don't we're i'm he she all one some no yes right would could got get
    really also maybe our my your me them his her how when which who up out about because very
    more much mean sort kind thing things gonna going go now good he's they're you're
    o os as um uma de do da dos das em no na nos nas por para com que se e ou mas não sim é são
    foi ser está isso isto este esta esse essa ele ela eles elas eu tu nós muito mais como já
    ao à pelo pela então vai vamos ter tem há só também acho bem""".split()
)


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """The words of a text that carry its topic."""
    return [word for word in words(text) if len(word) > 2 and word not in _COMMON]


def features(turns: Sequence[Turn]) -> list[dict[str, float]]:
    """One mapping of feature name to value for each turn; absent means 0."""
    folded = [fold(turn.text) for turn in turns]
    spoken = [families(text) for text in folded]
    lengths = [len(words(text)) for text in folded]
    topics = [set(content_words(text)) for text in folded]
    places = _places(lengths)
    shares = _shares(turns, lengths)
    chair = _chair(turns, lengths, places)
    spread = Counter(word for topic in topics for word in topic)
    return [
        _cues(spoken, at)
        | _size(lengths, topics, at)
        | _topic(topics, spread, at)
        | {f"stage:{sum(places[at] >= border for border in STAGES)}": 1.0}
        | {"chair": float(turn.speaker == chair), "share": shares[turn.speaker]}
        for at, turn in enumerate(turns)
    ]


def _cues(spoken: Sequence[frozenset[str]], at: int) -> dict[str, float]:
    before = frozenset().union(*spoken[max(0, at - AROUND) : at])
    after = frozenset().union(*spoken[at + 1 : at + 1 + AROUND])
    return (
        {f"own:{name}": 1.0 for name in spoken[at]}
        | {f"before:{name}": 1.0 for name in before}
        | {f"after:{name}": 1.0 for name in after}
    )


def _size(lengths: Sequence[int], topics: Sequence[set[str]], at: int) -> dict[str, float]:
    return {
        "length": math.log1p(lengths[at]),
        "short": float(lengths[at] < 6),
        "long": float(lengths[at] > 25),
        "content": math.log1p(len(topics[at])),
        "surroundings": math.log1p(sum(lengths[max(0, at - 2) : at + 3])),
    }


def _topic(topics: Sequence[set[str]], spread: Counter[str], at: int) -> dict[str, float]:
    """How much the turn speaks of what the turns around it speak of."""
    around = topics[max(0, at - TOPIC) : at] + topics[at + 1 : at + 1 + TOPIC]
    near = Counter(word for topic in around for word in topic)
    own, size = topics[at], len(topics[at]) + 1
    shared = sum(min(near[word], 4) for word in own)
    return {
        "cohesion": math.log1p(shared),
        "cohesion_mean": shared / size,
        "burst": sum(near[word] / spread[word] for word in own) / size,
        "rare": sum(spread[word] <= 2 for word in own) / size,
    }


def _places(lengths: Sequence[int]) -> list[float]:
    """Where each turn begins, as a share of all words spoken."""
    total = max(1, sum(lengths))
    return [
        (before - own) / total for before, own in zip(accumulate(lengths), lengths, strict=True)
    ]


def _shares(turns: Sequence[Turn], lengths: Sequence[int]) -> dict[str, float]:
    spoken: Counter[str] = Counter()
    for turn, length in zip(turns, lengths, strict=True):
        spoken[turn.speaker] += length
    return {name: count / max(1, sum(lengths)) for name, count in spoken.items()}


def _chair(turns: Sequence[Turn], lengths: Sequence[int], places: Sequence[float]) -> str:
    """Who opens the meeting: the one with the most words in its first moments."""
    opening: Counter[str] = Counter()
    for turn, length, place in zip(turns, lengths, places, strict=True):
        if place < OPENING:
            opening[turn.speaker] += length
    return opening.most_common(1)[0][0] if opening else ""
