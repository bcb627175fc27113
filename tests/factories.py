"""Rows for tests, valid by default. Each function adds one and commits; keywords change it."""

import itertools
import uuid
from datetime import date
from functools import cache

from flask import current_app

from decisionlog import clock
from decisionlog.auth import passwords
from decisionlog.decisions import search
from decisionlog.extensions import db
from decisionlog.models import (
    Decision,
    DecisionRelationship,
    DecisionVersion,
    ExtractionRun,
    Project,
    ProjectMember,
    Transcript,
    User,
)

PASSWORD = "a long enough passphrase"
_count = itertools.count(1)


def user(**fields) -> User:
    number = next(_count)
    password = fields.pop("password", PASSWORD)
    return _add(
        User(
            **{
                "email": f"person{number}@example.com",
                "name": f"Person {number}",
                "role": "architect",
                "password_hash": _hash(password, current_app.config["BCRYPT_ROUNDS"]),
            }
            | fields
        )
    )


@cache
def _hash(password: str, rounds: int) -> str:
    return passwords.hash_password(password)


def project(members: dict[User, str] | None = None, **fields) -> Project:
    made = _add(Project(**{"name": f"Project {next(_count)}", "description": ""} | fields))
    for member, role in (members or {}).items():
        join(made, member, role)
    return made


def join(project: Project, member: User, role: str = "member") -> ProjectMember:
    return _add(ProjectMember(project_id=project.id, user_id=member.id, role=role))


def transcript(project: Project, **fields) -> Transcript:
    number = next(_count)
    return _add(
        Transcript(
            **{
                "project_id": project.id,
                "source": "transcript",
                "external_id": f"delivery-{number}",
                "content_hash": uuid.uuid4().hex,
                "content": "[00:00:05] Ana: Good morning.\n[00:00:09] Rui: We go with steel.\n",
                "format": "bracketed",
                "meeting_title": f"Meeting {number}",
                "meeting_type": "internal",
                "meeting_date": date(2026, 11, 3),
                "participants": [],
                "next_attempt_at": clock.now(),
            }
            | fields
        )
    )


def run(transcript: Transcript, **fields) -> ExtractionRun:
    return _add(
        ExtractionRun(
            **{
                "transcript_id": transcript.id,
                "attempt": 1,
                "status": "complete",
                "extractor": "offline",
                "started_at": clock.now(),
                "finished_at": clock.now(),
            }
            | fields
        )
    )


def decision(project: Project, **fields) -> Decision:
    number = next(_count)
    made = _add(
        Decision(
            **{
                "project_id": project.id,
                "decision_statement": f"The frame will be steel, number {number}.",
                "who": "Rui Costa",
                "timestamp_seconds": 9,
                "quote": "We go with steel.",
                "discipline": "structural",
                "evidence": [
                    {
                        "quote": "We go with steel.",
                        "speaker": "Rui Costa",
                        "timestamp": "00:00:09",
                        "start": 47,
                        "end": 64,
                    }
                ],
                "confidence": 0.8,
                "source": "meeting",
                "meeting_title": "Weekly design meeting",
                "meeting_type": "internal",
                "meeting_date": date(2026, 11, 3),
            }
            | fields
        )
    )
    search.index(made)
    _add(DecisionVersion(decision_id=made.id, version=1))
    return made


def link(source: Decision, target: Decision, kind: str = "triggered", **fields):
    return _add(
        DecisionRelationship(
            **{
                "from_id": source.id,
                "to_id": target.id,
                "type": kind,
                "confirmed_at": clock.now(),
            }
            | fields
        )
    )


def _add(row):
    db.session.add(row)
    db.session.commit()
    return row
