"""`flask transcripts`: files in, and how far each transcript is."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select

from decisionlog import clock, jobs
from decisionlog.cli.problems import told_plainly
from decisionlog.errors import Invalid, Problem
from decisionlog.extensions import db
from decisionlog.jobs import budget, leases, statistics
from decisionlog.jobs.reprocess import reprocess as start_again
from decisionlog.models import Project, Transcript
from decisionlog.transcripts import UnreadableTranscript, decode
from decisionlog.vocabulary import MeetingType, TranscriptStatus
from decisionlog.webhook.intake import take_in
from decisionlog.webhook.schemas import MeetingFields

transcripts = AppGroup("transcripts", help="Transcripts: import, list, reprocess.")


@transcripts.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--project", required=True, help="id or name of the project")
@click.option("--meeting-type", type=click.Choice([kind.value for kind in MeetingType]))
@click.option("--date", "date", type=click.DateTime(["%Y-%m-%d"]), help="default: the file's own")
@told_plainly
def import_files(
    files: tuple[Path, ...], project: str, meeting_type: str | None, date: datetime | None
) -> None:
    """Take transcript FILES into a project; a file that is there already changes nothing."""
    project_id = _project_id(project)
    console = Console(stderr=True)
    queued = duplicates = 0
    failures = []
    for file in track(files, "Importing", console=console, disable=not console.is_terminal):
        try:
            receipt = _import(file, project_id, meeting_type, date)
        except (Problem, UnreadableTranscript) as error:
            db.session.rollback()
            failures.append(f"{file}: {error}")
            continue
        queued += not receipt.duplicate
        duplicates += receipt.duplicate
    click.echo(f"{queued} queued, {duplicates} known already, {len(failures)} refused.")
    if failures:
        raise click.ClickException("\n".join(failures))


def _import(file: Path, project_id: uuid.UUID, meeting_type: str | None, date: datetime | None):
    if file.stat().st_size > current_app.config["WEBHOOK_MAX_BYTES"]:
        raise Invalid("the file is larger than WEBHOOK_MAX_BYTES")
    day = date or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    meeting = MeetingFields(
        meeting_title=file.stem[:500], meeting_type=meeting_type, meeting_date=day.date()
    )
    text = decode(file.read_bytes(), file.name)
    return take_in(project_id, text, meeting, source="import", filename=file.name)


def _project_id(project: str) -> uuid.UUID:
    """Raises Invalid unless exactly one project has this id or name."""
    open_projects = select(Project.id).where(Project.archived_at.is_(None))
    try:
        by_id = open_projects.where(Project.id == uuid.UUID(project))
    except ValueError:
        by_id = open_projects.where(Project.name == project)
    found = db.session.scalars(by_id.limit(2)).all()
    if len(found) != 1:
        known = ", ".join(db.session.scalars(select(Project.name).order_by(Project.name).limit(20)))
        raise Invalid(f"There is not exactly one project {project!r}. Known: {known or 'none'}.")
    return found[0]


@transcripts.command("list")
@click.option("--status", type=click.Choice([status.value for status in TranscriptStatus]))
@click.option("--limit", default=50, show_default=True)
def list_transcripts(status: str | None, limit: int) -> None:
    """The newest transcripts and how far they are."""
    statement = select(Transcript).order_by(Transcript.created_at.desc()).limit(limit)
    if status:
        statement = statement.where(Transcript.status == TranscriptStatus(status))
    names = ("id", "meeting", "date", "status", "attempts", "in a batch since", "last error")
    table = Table(*names, box=None)
    for row in db.session.scalars(statement):
        table.add_row(
            str(row.id),
            row.meeting_title,
            str(row.meeting_date),
            row.status,
            str(row.attempts),
            row.batch_sent_at and clock.iso(row.batch_sent_at),
            row.last_error,
        )
    Console().print(table)


@transcripts.command()
@click.argument("transcript_ids", nargs=-1, type=click.UUID, metavar="[ID]…")
@click.option("--all-failed", is_flag=True, help="every transcript that ended as failed")
@click.option("--all-waiting", is_flag=True, help="every transcript put off till later")
@told_plainly
def reprocess(transcript_ids: tuple[uuid.UUID, ...], all_failed: bool, all_waiting: bool) -> None:
    """Extract decisions anew, at once; what people reviewed or edited stays."""
    ids = [*transcript_ids]
    if all_failed:
        ids += db.session.scalars(
            select(Transcript.id).where(Transcript.status == TranscriptStatus.FAILED)
        )
    if all_waiting:
        ids += db.session.scalars(
            select(Transcript.id).where(
                Transcript.status == TranscriptStatus.PENDING,
                Transcript.next_attempt_at > clock.now(),
            )
        )
    if not ids and not (all_failed or all_waiting):
        raise Invalid("Name transcripts by their id, or give --all-failed or --all-waiting.")
    for transcript_id in ids:
        start_again(transcript_id)
    db.session.commit()
    for _ in ids:
        jobs.wake(current_app)
    click.echo(f"{len(ids)} queued.")


@transcripts.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 36500))
def stats(days: int) -> None:
    """Transcripts by status, and what the runs of the last days took."""
    console = Console()
    counts = statistics.transcripts_by_status()
    console.print(", ".join(f"{count} {status}" for status, count in counts.items()))
    overdue = statistics.overdue_seconds()
    console.print(f"{leases.due_count()} due, the first of them for {overdue:.0f} seconds.")
    now = clock.now()
    waiting, seconds = statistics.awaiting_batches()
    reserved = budget.reserved_since(budget.month_of(now))
    console.print(
        f"{waiting} wait for a batch, the first of them for {seconds:.0f} seconds;"
        f" {reserved:.2f} USD are kept for them."
    )
    names = (
        "extractor",
        "model",
        "status",
        "runs",
        "decisions",
        "input",
        "output",
        "cached",
        "USD",
    )
    table = Table(*names, box=None)
    for row in statistics.run_totals(now - timedelta(days=days)):
        figures = (row.runs, row.decisions, row.input_tokens, row.output_tokens)
        table.add_row(
            row.extractor,
            row.model,
            row.status,
            *map(str, figures),
            str(row.cache_read_tokens),
            f"{row.cost_usd:.4f}",
        )
    console.print(table)
    spent = budget.spent_since(budget.month_of(now))
    limit = current_app.config["EXTRACTION_BUDGET_USD"]
    console.print(f"This month: {spent:.2f} USD of {limit if limit is not None else 'no limit'}.")
