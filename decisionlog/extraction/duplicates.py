"""Telling one decision heard twice from two decisions that sound alike."""

from rapidfuzz import fuzz

from decisionlog.extraction.drafts import GroundedDecision
from decisionlog.extraction.words import is_empty, is_negation, is_number, keys

SIMILAR = 60  # of 100, for statements that rest on the same words of two overlapping parts


def without_duplicates(
    heard: list[tuple[int, GroundedDecision]],
) -> tuple[list[GroundedDecision], list[GroundedDecision]]:
    """(kept, repeated) of decisions given as (number of the part, decision), in order of time.

    Two are one when their statements have the same words but for articles and the like, or when
    two parts that overlap made them of the same passage in similar words. Similarity alone never
    merges: "brick over timber" and "timber over brick" are as similar as can be.
    """
    kept: list[_Told] = []
    repeated: list[GroundedDecision] = []
    for told in sorted((_Told(part, d) for part, d in heard), key=lambda told: told.place):
        if any(told.is_one_with(other) for other in kept):
            repeated.append(told.decision)
        else:
            kept.append(told)
    return [told.decision for told in kept], repeated


class _Told:
    """A decision as one part told it."""

    def __init__(self, part: int, decision: GroundedDecision):
        statement = keys(decision.draft.statement)
        self.part = part
        self.decision = decision
        self.place = (decision.evidence[0].start, decision.evidence[0].end)
        self.words = [key for key in statement if not is_empty(key)] or statement

    def is_one_with(self, other: "_Told") -> bool:
        if self.words == other.words:
            return True
        return (
            self.part != other.part
            and self.place[0] < other.place[1]
            and other.place[0] < self.place[1]
            and _fixed(self.words) == _fixed(other.words)
            and fuzz.ratio(" ".join(self.words), " ".join(other.words)) >= SIMILAR
        )


def _fixed(words: list[str]) -> list[str]:
    """What two tellings of one decision can't differ in."""
    return [word for word in words if is_number(word) or is_negation(word)]
