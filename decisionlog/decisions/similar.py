"""Decisions that use the same telling words: BM25 over the project's decisions.

Okapi BM25 after Robertson and Zaragoza (2009, "The Probabilistic Relevance Framework"), divided
by what the decision scores against itself, so that 1 is the same words. It suggests and never
merges: "A over B" and "B over A" use the same words.
"""

import math
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from decisionlog.decisions.words import STOP_WORDS

K1, B = 1.2, 0.75
TERMS_MAX = 24
SHOWN_MAX = 5
SCORE_MIN = 0.15


class Document(NamedTuple):
    decision_id: uuid.UUID
    statement: str
    keys: Sequence[str]


def telling(keys: Iterable[str]) -> list[str]:
    """The different words worth looking for, in their order, at most `TERMS_MAX`."""
    found = (key for key in keys if len(key) > 1 and key not in STOP_WORDS)
    return list(dict.fromkeys(found))[:TERMS_MAX]


def nearest(
    subject: Sequence[str], candidates: Sequence[Document], total: int
) -> list[tuple[Document, float]]:
    """The candidates most like a decision with the words `subject`, with scores of 0 to 1.

    `candidates` must be all that hold one of its telling words, so that their number is a word's
    document frequency; `total` is how many decisions there are.
    """
    if not candidates:
        return []
    terms = telling(subject)
    holding = Counter(term for found in candidates for term in {*terms} & {*found.keys})
    rarity = {
        term: math.log(1 + (max(total - holding[term], 0) + 0.5) / (holding[term] + 0.5))
        for term in terms
    }
    length = sum(len(found.keys) for found in candidates) / len(candidates)
    whole = _score(subject, rarity, length)
    scored = [(found, min(1.0, _score(found.keys, rarity, length) / whole)) for found in candidates]
    near = [entry for entry in scored if entry[1] >= SCORE_MIN]
    return sorted(near, key=lambda entry: (-entry[1], entry[0].decision_id))[:SHOWN_MAX]


def _score(keys: Sequence[str], rarity: dict[str, float], length: float) -> float:
    counts = Counter(key for key in keys if key in rarity)
    norm = K1 * (1 - B + B * len(keys) / length)
    return sum(rarity[key] * count * (K1 + 1) / (count + norm) for key, count in counts.items())
