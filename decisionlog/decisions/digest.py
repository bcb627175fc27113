"""What a director wants to know of a period: what changed, what is contested, what waits.

Pure: plain rows in, plain figures out. The queries stand in `digest_queries`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from decisionlog.decisions.digest_schemas import (
    Digest,
    DigestAnomaly,
    DigestProject,
    Highlight,
    Period,
    Summary,
)
from decisionlog.exports.markdown import escaped
from decisionlog.vocabulary import DecisionStatus, Discipline, ImpactType, Position

# A decision that touches two of time, money, scope, quality and risk moves the project.
HIGH_IMPACT_KINDS = 2
NAMED_MAX = 3


def has_dissent(row: Any) -> bool:
    return Position.DISAGREE in row.consensus.values()


def is_high_impact(row: Any) -> bool:
    return len({impact["type"] for impact in row.impacts}) >= HIGH_IMPACT_KINDS


def touches(kind: ImpactType) -> Callable[[Any], bool]:
    return lambda row: any(impact["type"] == kind for impact in row.impacts)


def compose(
    project: Any,
    period: tuple[date, date],
    decisions: Sequence[Any],
    reversed_: Collection[Any],
    due: Sequence[Any],
    meetings: int,
) -> Digest:
    """The digest of a period, both days included.

    `decisions` are those of meetings in the period, `reversed_` those of any time that a decision
    of the period reversed or replaced, `due` those that must be looked at again by its end.
    """
    waiting = [row for row in decisions if row.status == DecisionStatus.PROPOSED]
    dissent = [row for row in decisions if has_dissent(row)]
    high = [row for row in decisions if is_high_impact(row)]
    structural = [row for row in decisions if row.discipline == Discipline.STRUCTURAL]
    cost = [row for row in decisions if touches(ImpactType.BUDGET)(row)]
    time = [row for row in decisions if touches(ImpactType.TIMELINE)(row)]
    highlights = [
        _highlight("structure", "Changes in structure", structural),
        _highlight("cost", "Changes in cost", cost),
        _highlight("time", "Changes in time", time),
        _highlight("contested", "Contested", dissent),
        _highlight("reversed", "Reversed or replaced", list(reversed_)),
        _highlight("waiting", "Waiting for approval", waiting),
        _highlight("review_due", "To be looked at again", due),
    ]
    return Digest(
        project=DigestProject(id=project.id, name=project.name),
        period=Period(date_from=period[0], date_to=period[1]),
        summary=Summary(
            total_decisions=len(decisions),
            total_meetings=meetings,
            by_discipline=dict(Counter(row.discipline for row in decisions)),
            high_impact_decisions=len(high),
            decisions_with_dissent=len(dissent),
        ),
        highlights=[found for found in highlights if found.count],
        anomalies=[
            DigestAnomaly(decision_id=row.id, decision_statement=row.decision_statement, **flag)
            for row in decisions
            for flag in row.anomaly_flags
        ],
    )


def _highlight(kind: str, title: str, rows: Sequence[Any]) -> Highlight:
    named = [row.decision_statement for row in rows[:NAMED_MAX]]
    more = f" … and {len(rows) - NAMED_MAX} more." if len(rows) > NAMED_MAX else ""
    return Highlight(
        type=kind,
        count=len(rows),
        title=title,
        description=" ".join(named) + more,
        decision_ids=[row.id for row in rows],
    )


def markdown(digest: Digest, statements: dict[Any, str]) -> str:
    """The digest as Markdown: a paragraph a highlight, a line a decision.

    `statements` are the decisions' words by id.
    """
    summary = digest.summary
    lines = [
        f"# {escaped(digest.project.name)}: {digest.period.date_from} to {digest.period.date_to}",
        "",
        f"{summary.total_decisions} decisions in {summary.total_meetings} meetings;"
        f" {summary.high_impact_decisions} of high impact,"
        f" {summary.decisions_with_dissent} with dissent.",
    ]
    if summary.by_discipline:
        counts = sorted(summary.by_discipline.items(), key=lambda entry: (-entry[1], entry[0]))
        lines += ["", "By discipline: " + ", ".join(f"{name} {count}" for name, count in counts)]
    for found in digest.highlights:
        lines += ["", f"## {found.title} ({found.count})", ""]
        lines += [f"- {escaped(statements[key])}" for key in found.decision_ids]
    if digest.anomalies:
        lines += ["", f"## Anomalies ({len(digest.anomalies)})", ""]
        lines += [
            f"- {flag.type} ({flag.severity}): {escaped(flag.description)}"
            f" – {escaped(flag.decision_statement)}"
            for flag in digest.anomalies
        ]
    return "\n".join(lines) + "\n"
