import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from rich.console import Console
from rich.table import Table

from decisionlog.cli.problems import told_plainly
from decisionlog.extraction.drafts import GroundedDecision, Meeting
from decisionlog.extraction.pipeline import Outcome, extract_decisions
from decisionlog.jobs import extractor as extractors
from decisionlog.transcripts import decode, parse


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--extractor", "name", type=click.Choice(["claude", "offline"]))
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of a table")
@told_plainly
def extract(file: Path, name: str | None, as_json: bool) -> None:
    """Extract the decisions of one transcript FILE, without a database."""
    transcript = parse(decode(file.read_bytes(), file.name), file.name)
    outcome = extract_decisions(
        transcript,
        Meeting(title=file.stem),
        extractors.from_settings(current_app.config, name),
        parallel=current_app.config["EXTRACTION_PARALLEL"],
    )
    if as_json:
        click.echo(json.dumps(_as_json(file.stem, outcome), ensure_ascii=False, indent=1))
    else:
        _print(outcome)


def _as_json(meeting_id: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "meeting_id": meeting_id,
        "extractor": outcome.extractor,
        "model": outcome.model,
        "prompt_version": outcome.prompt_version,
        "status": outcome.status,
        "reasons": outcome.reasons,
        "decisions": [_decision(found) for found in outcome.decisions],
        "rejected": [
            {"statement": rejected.draft.statement, "reason": rejected.reason}
            for rejected in outcome.rejected
        ],
    }


def _decision(found: GroundedDecision) -> dict[str, Any]:
    first = found.evidence[0]
    return {
        "statement": found.draft.statement,
        "quote": first.quote,
        "who": first.speaker,
        "timestamp": first.timestamp,
        "discipline": found.draft.discipline,
        "why": found.draft.why,
        "confidence": found.confidence,
    }


def _print(outcome: Outcome) -> None:
    table = Table("when", "who", "decision", "quote", show_lines=True)
    for found in outcome.decisions:
        first = found.evidence[0]
        table.add_row(first.timestamp or "", first.speaker, found.draft.statement, first.quote)
    console = Console()
    console.print(table)
    console.print(
        f"{len(outcome.decisions)} decisions by the {outcome.extractor} extractor,"
        f" {len(outcome.rejected)} drafts rejected."
    )
    for reason in outcome.reasons:
        console.print(f"Incomplete: {reason}.")
