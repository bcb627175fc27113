"""Decisions that use the same telling words: BM25 over the project's decisions.

Okapi BM25 after Robertson and Zaragoza (2009, "The Probabilistic Relevance Framework"), divided
by what the decision scores against itself, so that 1 is the same words. It suggests and never
merges: "A over B" and "B over A" use the same words.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from decisionlog.decisions.words import STOP_WORDS

K1, B = 1.2, 0.75
TERMS_MAX = 24
SHOWN_MAX = 5
SCORE_MIN = 0.15


class Document(NamedTuple):
    row: int
    keys: Sequence[str]


def telling(keys: Iterable[str]) -> list[str]:
    """The different words worth looking for, in their order, at most `TERMS_MAX`."""
    found = (key for key in keys if len(key) > 1 and key not in STOP_WORDS)
    return list(dict.fromkeys(found))[:TERMS_MAX]


def nearest(
    subject: Sequence[str], candidates: Sequence[Document], total: int
) -> list[tuple[int, float]]:
    """The rows of the candidates most like a decision with the words `subject`, with scores of 0
    to 1, the best first.

    `candidates` must be all that hold one of its telling words, so that their number is a word's
    document frequency; `total` is how many decisions there are.
    """
    if not candidates:
        return []
    terms = set(telling(subject))
    counted = [
        (found.row, Counter([key for key in found.keys if key in terms]), len(found.keys))
        for found in candidates
    ]
    holding = Counter(term for _, counts, _ in counted for term in counts)
    rarity = {
        term: math.log(1 + (max(total - holding[term], 0) + 0.5) / (holding[term] + 0.5))
        for term in terms
    }
    mean = sum(length for _, _, length in counted) / len(counted)
    own = Counter([key for key in subject if key in terms])
    whole = _score(own, len(subject) / mean, rarity)
    scored = [
        (row, min(1.0, _score(counts, length / mean, rarity) / whole))
        for row, counts, length in counted
    ]
    near = [entry for entry in scored if entry[1] >= SCORE_MIN]
    return sorted(near, key=lambda entry: (-entry[1], entry[0]))[:SHOWN_MAX]


def _score(counts: Counter[str], length: float, rarity: dict[str, float]) -> float:
    """`length` is relative to the mean."""
    norm = K1 * (1 - B + B * length)
    return sum([rarity[key] * count * (K1 + 1) / (count + norm) for key, count in counts.items()])
