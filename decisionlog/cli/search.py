"""`flask search …`: the word index, made anew from what it was made from."""

import uuid

import click
from flask import current_app
from sqlalchemy import select

from decisionlog.decisions import search as index
from decisionlog.extensions import db
from decisionlog.jobs import embed_decisions
from decisionlog.models import Decision, Transcript
from decisionlog.transcripts import UnreadableTranscript, parse


@click.group()
def search() -> None:
    """The word index."""


@search.command()
def rebuild() -> None:
    """Index every decision and transcript anew (after an upgrade that says so)."""
    decisions = db.session.scalars(select(Decision.id).where(Decision.deleted_at.is_(None))).all()
    transcripts = db.session.scalars(select(Transcript.id)).all()
    with click.progressbar(decisions, label="decisions") as bar:
        for decision_id in bar:
            index.index(db.session.get(Decision, decision_id))
            db.session.commit()
    with click.progressbar(transcripts, label="transcripts") as bar:
        for transcript_id in bar:
            _index_transcript(transcript_id)
            db.session.commit()
    click.echo(f"{len(decisions)} decisions and {len(transcripts)} transcripts are indexed.")


@search.command()
def embed() -> None:
    """Make the vectors that are missing at once, instead of waiting for the worker."""
    if current_app.config["SIMILARITY"] != "meaning":
        raise click.ClickException("SIMILARITY is `words`: nothing needs a vector.")
    count = 0
    while made := embed_decisions.embed_block():
        count += made
        click.echo(f"{count} decisions embedded")
    click.echo("Every decision has its vector.")


def _index_transcript(transcript_id: uuid.UUID) -> None:
    content = db.session.get(Transcript, transcript_id).content
    try:
        index.index_passages(transcript_id, parse(content))
    except UnreadableTranscript:
        click.echo(f"{transcript_id} can't be read.", err=True)
