"""How far a decision can be relied on, from 0 to 1, and what that is made of."""

from collections.abc import Mapping

from decisionlog.extraction.drafts import Draft
from decisionlog.vocabulary import Discipline, Position

WEIGHTS = {"consensus": 0.5, "consistency": 0.3, "precedent": 0.2}
NEUTRAL = 0.5
_SHARE = {Position.AGREE: 1.0, Position.ABSTAIN: 0.5, Position.DISAGREE: 0.0}


def confidence(
    draft: Draft, consistency: float | None = None, precedent: float | None = None
) -> tuple[float, dict[str, float]]:
    """The confidence and its breakdown, every figure from 0 to 1, rounded to three decimals.

    0.5 x consensus + 0.3 x consistency with earlier decisions + 0.2 x precedent, a part that is
    not known counting as 0.5; all of it times the extractor's own confidence in the draft, which
    the breakdown holds as `extractor` where the extractor gave one.
    """
    parts = {
        "consensus": _consensus(draft.consensus),
        "consistency": NEUTRAL if consistency is None else _bounded(consistency),
        "precedent": NEUTRAL if precedent is None else _bounded(precedent),
    }
    total = sum(WEIGHTS[name] * value for name, value in parts.items())
    if draft.confidence is not None:
        parts["extractor"] = _bounded(draft.confidence)
        total *= parts["extractor"]
    return round(total, 3), {name: round(value, 3) for name, value in parts.items()}


def _consensus(positions: Mapping[Discipline, Position]) -> float:
    if not positions:
        return NEUTRAL
    return sum(_SHARE[position] for position in positions.values()) / len(positions)


def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))
