"""What a decision's own draft and the project's earlier decisions say about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from decisionlog.extraction.confidence import confidence
from decisionlog.extraction.drafts import Draft, Flag, GroundedDecision
from decisionlog.extraction.words import keys
from decisionlog.vocabulary import Position, Severity

DISSENT_SHARE = 1 / 3
CASCADE_IMPACTS = 3
CONTEXT_WORDS = 5


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier decision of the project that is like a new one, by a score from 0 to 1."""

    statement: str
    approved: bool
    similarity: float


def enrich(found: GroundedDecision, precedents: Iterable[Precedent]) -> GroundedDecision:
    """The decision with its flags, and with what precedent adds to its confidence.

    Precedent counts as far as the most similar approved decision goes; without one it stays
    unknown. A decision is never changed or dropped for being like another one.
    """
    approved = [precedent.similarity for precedent in precedents if precedent.approved]
    total, breakdown = confidence(found.draft, precedent=max(approved, default=None))
    return replace(
        found,
        confidence=total,
        confidence_breakdown=breakdown,
        flags=tuple(_flags(found)),
    )


def _flags(found: GroundedDecision) -> Iterable[Flag]:
    draft = found.draft
    against = _dissent(draft)
    if against >= DISSENT_SHARE:
        severity = Severity.HIGH if against >= 0.5 else Severity.MEDIUM
        yield Flag(
            "high_dissent",
            severity,
            f"{against:.0%} of the disciplines that took a position disagree.",
        )
    touched = sorted({impact.type for impact in draft.impacts})
    if len(touched) >= CASCADE_IMPACTS:
        yield Flag("broad_cascade", Severity.MEDIUM, f"It touches {', '.join(touched)} at once.")
    if not draft.why and len(keys(found.evidence[0].quote)) < CONTEXT_WORDS:
        yield Flag(
            "insufficient_context",
            Severity.LOW,
            "A few words are all that was said of it, and no reason is known.",
        )


def _dissent(draft: Draft) -> float:
    taken = [position for position in draft.consensus.values() if position != Position.ABSTAIN]
    return taken.count(Position.DISAGREE) / len(taken) if taken else 0.0
