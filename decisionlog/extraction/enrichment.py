"""What a decision's own draft and the project's earlier decisions say about it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from decisionlog.extraction.confidence import confidence
from decisionlog.extraction.drafts import (
    Draft,
    Finding,
    Flag,
    GroundedDecision,
    Precedent,
    Verdict,
)
from decisionlog.extraction.words import keys
from decisionlog.vocabulary import Position, Severity

DISSENT_SHARE = 1 / 3
CASCADE_IMPACTS = 3
CONTEXT_WORDS = 5


def enrich(
    found: GroundedDecision, precedents: Iterable[Precedent], findings: Sequence[Finding] = ()
) -> GroundedDecision:
    """The decision with its flags, its findings, and with what both add to its confidence.

    Precedent counts as far as the most similar approved decision goes; consistency is 1 where
    every finding says consistent and 0 where one doesn't. Without any they stay unknown.
    A decision is never changed or dropped for being like another one, or against it.
    """
    approved = [precedent.similarity for precedent in precedents if precedent.approved]
    total, breakdown = confidence(
        found.draft,
        consistency=_consistency(findings),
        precedent=max(approved, default=None),
    )
    return replace(
        found,
        confidence=total,
        confidence_breakdown=breakdown,
        flags=(*_flags(found), *_reversals(findings)),
        findings=tuple(findings),
    )


def _consistency(findings: Sequence[Finding]) -> float | None:
    if not findings:
        return None
    return float(all(finding.verdict == Verdict.CONSISTENT for finding in findings))


def _reversals(findings: Iterable[Finding]) -> Iterable[Flag]:
    """One flag, however many are reversed. It says nothing of them: not everybody who may see
    this decision may see those."""
    reversed_ = [f.earlier for f in findings if f.verdict == Verdict.REVERSES]
    if any(earlier.approved for earlier in reversed_):
        yield Flag(
            "reversal_pattern", Severity.HIGH, "It seems to reverse an earlier, approved decision."
        )
    elif reversed_:
        yield Flag("reversal_pattern", Severity.MEDIUM, "It seems to reverse an earlier decision.")


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
