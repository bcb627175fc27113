"""How a meeting's decisions stand to earlier ones: which pairs Claude is asked about, once, and
what its answer says."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from decisionlog.extraction.drafts import Finding, GroundedDecision, Pair, Precedent, Verdict
from decisionlog.extraction.prompting import (
    MAX_OUTPUT_TOKENS,
    Shape,
    one_line,
    prompt,
    without_notes,
)

PROMPT_VERSION = "consistency.v1"
EARLIER_MAX = 3
"""Earlier decisions that one new decision is compared with."""
PAIRS_MAX = 150
"""Pairs in one call: their answer takes half of what an answer may hold."""
STATEMENT_MAX = 600
NOTE_MAX = 300
_TITLES = {
    Verdict.CONSISTENT: "Consistent with",
    Verdict.REVERSES: "Reverses",
    Verdict.CONFLICTS: "Conflicts with",
}


class _Judgement(Shape):
    pair: int
    verdict: Verdict
    note: str


class _Answer(Shape):
    pairs: list[_Judgement]


def pairs_of(
    decisions: Sequence[tuple[GroundedDecision, Sequence[Precedent]]],
) -> list[tuple[int, Pair]]:
    """Each decision's position with its nearest precedents (which come nearest first).

    Of more than `PAIRS_MAX` those that are most alike stay, in the order of the decisions.
    """
    pairs = [
        (position, Pair(found.draft.statement, earlier))
        for position, (found, precedents) in enumerate(decisions)
        for earlier in precedents[:EARLIER_MAX]
    ]
    pairs.sort(key=lambda item: -item[1].earlier.similarity)
    return sorted(pairs[:PAIRS_MAX], key=lambda item: item[0])


@cache
def answer_schema() -> dict[str, Any]:
    return without_notes(_Answer.model_json_schema())


def request(pairs: Sequence[Pair], model: str) -> dict[str, Any]:
    """The body of the Messages API call about `pairs`, those of a new decision side by side.

    The data stands between tags whose name is random in each call, a line for each statement, so
    that no statement can close them or begin a pair of its own.
    """
    tag = f"decisions-{secrets.token_hex(4)}"
    lines = []
    for statement, group in groupby(enumerate(pairs), key=lambda item: item[1].statement):
        lines.append(f"New: {_shown(statement)}")
        for number, pair in group:
            earlier = pair.earlier
            lines.append(f"{number} {earlier.made_on.isoformat()}: {_shown(earlier.statement)}")
    listed = "\n".join(lines)
    return {
        "model": model,
        "max_tokens": MAX_OUTPUT_TOKENS,
        "system": [{"type": "text", "text": prompt(PROMPT_VERSION)}],
        "messages": [{"role": "user", "content": f"<{tag}>\n{listed}\n</{tag}>"}],
        "output_config": {"format": {"type": "json_schema", "schema": answer_schema()}},
    }


def parse_findings(text: str, pairs: Sequence[Pair]) -> dict[int, Finding]:
    """The findings in an answer of the form of `answer_schema`, by the position of their pair.

    A number that was not given out is passed over, and of several verdicts on a pair all but the
    first. Raises ValueError for an answer of another form.
    """
    findings: dict[int, Finding] = {}
    for judged in _Answer.model_validate_json(text).pairs:
        if 0 <= judged.pair < len(pairs):
            note = one_line(judged.note)[:NOTE_MAX]
            finding = Finding(pairs[judged.pair].earlier, judged.verdict, note)
            findings.setdefault(judged.pair, finding)
    return findings


def by_decision(
    pairs: Sequence[tuple[int, Pair]], findings: Mapping[int, Finding]
) -> dict[int, list[Finding]]:
    """The findings by the position of the decision that their pair is about."""
    grouped: dict[int, list[Finding]] = {}
    for number, (position, _) in enumerate(pairs):
        if number in findings:
            grouped.setdefault(position, []).append(findings[number])
    return grouped


def notes(findings: Sequence[Finding]) -> str:
    """Findings as people read them, a line each."""
    return "\n".join(
        f"{_TITLES[finding.verdict]} “{_shown(finding.earlier.statement)}”"
        f" ({finding.earlier.made_on.isoformat()}): {finding.note}"
        for finding in findings
    )


def _shown(statement: str) -> str:
    return one_line(statement)[:STATEMENT_MAX]
