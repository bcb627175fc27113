"""`flask seed`: accounts, projects, meetings and decisions to look around in."""

import json
import uuid
from datetime import datetime, timedelta
from functools import wraps
from importlib import resources
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from decisionlog import clock
from decisionlog.auth import passwords, queries
from decisionlog.decisions import search
from decisionlog.extensions import db
from decisionlog.extraction.drafts import Evidence
from decisionlog.jobs.store import excerpt, passage
from decisionlog.models import (
    Decision,
    DecisionRelationship,
    DecisionVersion,
    Project,
    ProjectMember,
    Transcript,
    User,
)
from decisionlog.transcripts import Transcript as Speech
from decisionlog.transcripts import parse
from decisionlog.vocabulary import DecisionSource, DecisionStatus, TranscriptStatus

DEMO_PASSWORD = "password"  # noqa: S105 (its being known is why demo mode is off by default)
# Makes the ids the same at every run, so that seeding twice changes nothing.
NAMESPACE = uuid.UUID("6f2f6c0e-8f0b-4c5b-9a53-0d3b5d1c5a11")


def require_demo_mode(command):
    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_app.config["DEMO_MODE"]:
            raise click.ClickException(
                "This makes accounts with known passwords: set DEMO_MODE=true to allow it."
            )
        return command(*args, **kwargs)

    return guarded


@click.command()
@require_demo_mode
def seed() -> None:
    """Fill the database with demo data (DEMO_MODE=true only)."""
    click.echo(fill())


def sample(name: str) -> str:
    """A file of the demo's content."""
    return resources.files("decisionlog.cli").joinpath("sample", name).read_text("utf-8")


def fill() -> str:
    """Add what is missing of the demo data, and commit. Returns what to tell the user."""
    content = json.loads(sample("seed.json"))
    users = {entry["email"]: _user(entry) for entry in content["users"]}
    for entry in content["projects"]:
        _project(entry, users)
    decisions: dict[str, Decision] = {}
    for entry in content["meetings"]:
        _meeting(entry, users, decisions)
    for entry in content["relationships"]:
        _relationship(entry)
    db.session.commit()
    return (
        f"{len(users)} users, {len(content['projects'])} projects, {len(content['meetings'])}"
        f" meetings and {len(decisions)} decisions are in place."
        f' Sign in as {content["users"][0]["email"]} with "{DEMO_PASSWORD}".'
    )


def _id(*parts: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, "/".join(parts))


def project_id(key: str) -> uuid.UUID:
    return _id("project", key)


def _user(entry: dict[str, Any]) -> User:
    user = queries.user_by_email(entry["email"])
    if user is None:
        user = User(
            id=_id("user", entry["email"]),
            email=entry["email"],
            name=entry["name"],
            role=entry["role"],
            password_hash=passwords.hash_password(DEMO_PASSWORD),
            password_changed_at=clock.now(),
        )
        db.session.add(user)
        db.session.flush()
    return user


def _project(entry: dict[str, Any], users: dict[str, User]) -> None:
    key = project_id(entry["key"])
    if db.session.get(Project, key) is not None:
        return
    db.session.add(Project(id=key, name=entry["name"], description=entry["description"]))
    db.session.flush()
    for email, role in entry["members"].items():
        db.session.add(ProjectMember(project_id=key, user_id=users[email].id, role=role))


def _meeting(entry: dict[str, Any], users: dict[str, User], decisions: dict[str, Decision]) -> None:
    key = _id("meeting", entry["key"])
    known = db.session.get(Transcript, key)
    if known is not None:
        for found in db.session.scalars(select(Decision).where(Decision.transcript_id == key)):
            decisions[str(found.id)] = found
        return
    moment = clock.now() - timedelta(days=entry["days_ago"])
    transcript = Transcript(
        id=key,
        project_id=project_id(entry["project"]),
        source="seed",
        external_id=entry["key"],
        content_hash=key.hex,
        content=entry["transcript"],
        format="text",
        meeting_id=entry["key"],
        meeting_title=entry["title"],
        meeting_type=entry["type"],
        meeting_date=moment.date(),
        duration_minutes=entry["duration_minutes"],
        participants=entry["participants"],
        status=TranscriptStatus.PROCESSED,
        attempts=1,
        next_attempt_at=moment,
        processed_at=moment,
        created_at=moment,
    )
    db.session.add(transcript)
    db.session.flush()
    speech = parse(entry["transcript"])
    search.index_passages(transcript.id, speech)
    for item in entry["decisions"]:
        decision = _decision(item, transcript, speech, moment, users)
        decisions[str(decision.id)] = decision


def _decision(
    entry: dict[str, Any],
    transcript: Transcript,
    speech: Speech,
    moment: datetime,
    users: dict[str, User],
) -> Decision:
    evidence = [_evidence(speech, passage["quote"]) for passage in entry["evidence"]]
    first = evidence[0]
    review_in = entry["review_on"]
    approved = entry["status"] == DecisionStatus.APPROVED
    decision = Decision(
        id=_id("decision", entry["key"]),
        project_id=transcript.project_id,
        transcript_id=transcript.id,
        decision_statement=entry["decision_statement"],
        who=first.speaker,
        timestamp_seconds=int(first.turn.start),
        quote=first.quote,
        discipline=entry["discipline"],
        why=entry["why"],
        causation=entry["causation"],
        impacts=entry["impacts"],
        evidence=[passage(found) for found in evidence],
        excerpt=excerpt(speech.text, first),
        consensus=entry["consensus"],
        confidence=entry["confidence"],
        anomaly_flags=entry["anomaly_flags"],
        has_anomalies=bool(entry["anomaly_flags"]),
        status=entry["status"],
        source=DecisionSource.MEETING,
        review_on=clock.now().date() + timedelta(days=review_in) if review_in else None,
        approval_notes=entry["approval_notes"],
        approved_by=users["test@example.com"].id if approved else None,
        approved_at=moment + timedelta(days=1) if approved else None,
        meeting_title=transcript.meeting_title,
        meeting_type=transcript.meeting_type,
        meeting_date=transcript.meeting_date,
        meeting_participants=transcript.participants,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(decision)
    db.session.flush()
    db.session.add(DecisionVersion(decision_id=decision.id, version=1, changed_at=moment))
    search.index(decision)
    return decision


def _evidence(speech: Speech, quote: str) -> Evidence:
    """Where the quote stands; the content's own tests prove that it does."""
    turn = next(turn for turn in speech.turns if quote in turn.text)
    start = turn.char_start + turn.text.index(quote)
    return Evidence(quote, turn, start, start + len(quote))


def _relationship(entry: dict[str, str]) -> None:
    source, target = _id("decision", entry["from"]), _id("decision", entry["to"])
    key = _id("relationship", entry["from"], entry["type"], entry["to"])
    if db.session.get(DecisionRelationship, key) is None:
        db.session.add(
            DecisionRelationship(
                id=key,
                from_id=source,
                to_id=target,
                type=entry["type"],
                confirmed_at=clock.now(),
            )
        )
