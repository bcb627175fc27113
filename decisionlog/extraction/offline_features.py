"""What the offline extractor sees of each turn, as named numbers.

Nothing here depends on what a meeting is about: the features are the families of cue phrases in
and before the turn, its place in the meeting, who speaks how much, and whether its words are the
topic of the moment.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from decisionlog.extraction.offline_cues import families, fold
from decisionlog.transcripts.transcript import Turn

BEFORE = 3
"""Turns whose cues still bear on this one."""
TOPIC = 8
"""Turns to either side that speak of the same topic."""
EPISODE = 15
"""Turns to either side that show whether people present, discuss or chat."""
MOOD = 20
"""Turns to either side over which whole stretches of questions or talk about work are told."""
STAGES = (0.05, 0.15, 0.4, 0.7, 0.85, 0.95)
"""Where the stages of a meeting begin, as shares of its words."""

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-])+")
_COMMON = (
    "the a an of to in on for and or will be is are it that this with as by at from not have has "
    "was were should must they we i you so but if do can like just yeah okay what there then well "
    "know think it's that's don't we're i'm he she all one some no yes right would could got get "
    "really also maybe our my your me them his her how when which who up out about because very "
    "more much mean sort kind thing things gonna going go now good he's they're you're let's "
    "o os as um uma de do da dos das em no na nos nas por para com que se e ou mas não sim é são "
    "foi ser está isso isto este esta esse essa ele ela eles elas eu tu nós muito mais como já "
    "ao à pelo pela então vai vamos ter tem há só também acho bem"
)
_NO_CONTENT = frozenset(_COMMON.split())


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """The words of a text that carry its topic."""
    return [word for word in words(text) if len(word) > 2 and word not in _NO_CONTENT]


def features(turns: Sequence[Turn]) -> list[dict[str, float]]:
    """One mapping of feature name to value for each turn; what is absent is 0."""
    texts = [fold(turn.text) for turn in turns]
    cues = [families(text) for text in texts]
    topics = [set(content_words(text)) for text in texts]
    speakers = [turn.speaker for turn in turns]
    lengths = [len(words(text)) for text in texts]
    spread = Counter(word for topic in topics for word in topic)
    places = _places(lengths)
    chair = _chair(speakers, lengths, places)
    spoken = _spoken(speakers, lengths)
    return [
        _cues(cues, at)
        | _mood(cues, at)
        | _voices(speakers, lengths, at)
        | {
            "length": math.log1p(lengths[at]),
            "content": math.log1p(len(topics[at])),
            "burst": _burst(topics, spread, at),
            "chair": float(speakers[at] == chair),
            "share": spoken[speakers[at]] / max(1, sum(lengths)),
            f"stage:{sum(places[at] >= border for border in STAGES)}": 1.0,
        }
        for at in range(len(turns))
    ]


def _around(at: int, reach: int) -> slice:
    return slice(max(0, at - reach), at + reach + 1)


def _cues(cues: Sequence[frozenset[str]], at: int) -> dict[str, float]:
    # What follows plain words of decision is the same matter and must not gain from them.
    before = frozenset().union(*cues[max(0, at - BEFORE) : at]) - {"decided"}
    own = {f"own:{name}": 1.0 for name in cues[at]}
    return own | {f"before:{name}": 1.0 for name in before}


def _mood(cues: Sequence[frozenset[str]], at: int) -> dict[str, float]:
    near = cues[_around(at, MOOD)]
    return {
        f"around:{name}": sum(name in heard for heard in near) / len(near)
        for name in ("process", "question")
    }


def _voices(speakers: Sequence[str], lengths: Sequence[int], at: int) -> dict[str, float]:
    """Who is heard around a turn: a presentation has one voice and long turns."""
    near = _around(at, EPISODE)
    spoken = _spoken(speakers[near], lengths[near])
    total = sum(spoken.values())
    shares = {name: count / max(1, total) for name, count in spoken.items()}
    return {
        "pace": math.log1p(total / len(lengths[near])),
        "voices": -sum(share * math.log(share) for share in shares.values() if share),
        "voice": shares[speakers[at]],
    }


def _burst(topics: Sequence[set[str]], spread: Counter[str], at: int) -> float:
    """How far the words of a turn are those of the turns around it and of no others."""
    near = Counter(word for topic in topics[_around(at, TOPIC)] for word in topic)
    return sum((near[word] - 1) / spread[word] for word in topics[at]) / (len(topics[at]) + 1)


def _places(lengths: Sequence[int]) -> list[float]:
    """Where each turn begins, as a share of all words."""
    total = max(1, sum(lengths))
    return [(until - own) / total for until, own in zip(accumulate(lengths), lengths, strict=True)]


def _spoken(speakers: Sequence[str], lengths: Sequence[int]) -> Counter[str]:
    """The words of each speaker."""
    spoken: Counter[str] = Counter()
    for name, length in zip(speakers, lengths, strict=True):
        spoken[name] += length
    return spoken


def _chair(speakers: Sequence[str], lengths: Sequence[int], places: Sequence[float]) -> str | None:
    """Who opens the meeting: the one with most words in its first stage."""
    opening = sum(place < STAGES[0] for place in places)
    heard = _spoken(speakers[:opening], lengths[:opening]).most_common(1)
    return heard[0][0] if heard else None
