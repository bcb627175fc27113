"""Decisions that use the same telling words: BM25 over the project's decisions.

Okapi BM25 after Robertson and Zaragoza (2009, "The Probabilistic Relevance Framework"), divided
by what the decision scores against itself, so that 1 is the same words. It suggests and never
merges: "A over B" and "B over A" use the same words.
"""

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from decisionlog.decisions.words import STOP_WORDS

K1, B = 1.2, 0.75
TERMS_MAX = 24
CANDIDATES_MAX = 100
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


def rarest(frequencies: Mapping[str, int]) -> list[str]:
    """The terms that say most: the rarest one, and more while their decisions can all be read."""
    chosen: list[str] = []
    room = CANDIDATES_MAX
    for term, frequency in sorted(frequencies.items(), key=lambda entry: (entry[1], entry[0])):
        room -= frequency
        if chosen and room < 0:
            break
        chosen.append(term)
    return chosen


def nearest(
    subject: Sequence[str],
    candidates: Sequence[Document],
    frequencies: Mapping[str, int],
    total: int,
) -> list[tuple[Document, float]]:
    """The candidates most like a decision with the words `subject`, with scores of 0 to 1.

    `frequencies` says of each telling word of the subject how many decisions hold it, of `total`.
    """
    if not candidates:
        return []
    rarity = {
        term: math.log(1 + (max(total - frequency, 0) + 0.5) / (frequency + 0.5))
        for term, frequency in frequencies.items()
    }
    length = sum(len(found.keys) for found in candidates) / len(candidates)
    whole = _score(subject, rarity, length)
    scored = [(found, min(1.0, _score(found.keys, rarity, length) / whole)) for found in candidates]
    near = [entry for entry in scored if entry[1] >= SCORE_MIN]
    return sorted(near, key=lambda entry: (-entry[1], entry[0].decision_id))[:SHOWN_MAX]


def _score(keys: Sequence[str], rarity: dict[str, float], length: float) -> float:
    norm = K1 * (1 - B + B * len(keys) / length)
    held = set(keys)
    counts = ((weight, keys.count(key)) for key, weight in rarity.items() if key in held)
    return sum(weight * count * (K1 + 1) / (count + norm) for weight, count in counts)
