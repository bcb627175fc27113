"""Markdown Any Decision Records (MADR 4, https://adr.github.io/madr/), one after the other."""

from collections.abc import Iterable, Iterator
from typing import Any

from decisionlog.exports.markdown import escaped

MIMETYPE = "text/markdown"
EXTENSION = "md"


def write(title: str, records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One file: the project as its heading, a record a decision."""
    yield f"# {escaped(title)}\n".encode()
    for record in records:
        yield ("\n" + entry(record, level=2)).encode()


def entry(record: dict[str, Any], level: int = 1) -> str:
    """One decision in MADR's sections; those with nothing to say are left out."""
    head, sub = "#" * level, "#" * (level + 1)
    lines = [f"{head} {escaped(record['decision_statement'])}", "", *_facts(record)]
    if record["why"]:
        lines += ["", f"{sub} Context and Problem Statement", "", escaped(record["why"])]
    lines += ["", f"{sub} Decision Outcome", "", escaped(record["decision_statement"])]
    if record["quote"]:
        at = f", {record['timestamp']}" if record["timestamp"] else ""
        lines += ["", f"> {escaped(record['quote'])}", ">", f"> {escaped(record['who'])}{at}"]
    if record["impacts"]:
        lines += ["", f"{sub} Consequences", ""]
        lines += [f"* {found['type']}: {escaped(found['change'])}" for found in record["impacts"]]
    if record["approval_notes"]:
        lines += ["", f"{sub} Confirmation", "", escaped(record["approval_notes"])]
    lines += ["", f"{sub} More Information", "", f"* id: {record['id']}"]
    return "\n".join(lines) + "\n"


def _facts(record: dict[str, Any]) -> list[str]:
    positions = ", ".join(f"{who} {position}" for who, position in record["consensus"].items())
    facts = {
        "status": record["status"],
        "date": record["meeting_date"],
        "decision-makers": escaped(record["who"]),
        "consulted": positions,
        "meeting": escaped(record["meeting_title"] or ""),
        "discipline": record["discipline"],
        "review on": record["review_on"],
    }
    return [f"* {name}: {value}" for name, value in facts.items() if value]
