"""Many decisions, fast: rows as the pipeline would have made them, in bulk."""

import json
import random
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from decisionlog.decisions import search
from decisionlog.extensions import db
from decisionlog.models import Decision, Project, ProjectMember, Transcript, User
from decisionlog.vocabulary import Discipline, MeetingType

BLOCK = 5_000
TEXTS = 2_000
SYLLABLES = "con ver per dis pro sub ter lin mar gol fen dur tas nor pel vin ros cam".split()
# As often as in speech once its stop words are taken out (Zipf's law, without its first ranks).
WORDS = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("ment", "tion", "er", "al")]
WEIGHTS = list(accumulate(1 / (rank + 30) for rank in range(len(WORDS))))
PEOPLE = [f"Person {number:02}" for number in range(20)]
FIRST_DAY = date(2024, 1, 1)
DISCIPLINES = [word.value for word in Discipline]
MEETING_TYPES = [word.value for word in MeetingType]
# What all of them share, as the columns hold it.
ALIKE = {
    "causation": "other",
    "impacts": json.dumps([{"type": "budget", "change": "higher"}]),
    "consensus": json.dumps(dict.fromkeys(DISCIPLINES[:3], "AGREE")),
    "confidence_breakdown": json.dumps({"consensus": 0.8, "consistency": 0.7, "precedent": 0.5}),
    "anomaly_flags": "[]",
    "has_anomalies": False,
    "consistency_notes": "",
    "source": "meeting",
    "approval_notes": "",
    "meeting_participants": json.dumps([{"name": name} for name in PEOPLE[:4]]),
    "version": 1,
}
RARE = "quicklime"


def project(name: str, members: Iterable[User] = ()) -> Project:
    made = Project(id=uuid.uuid4(), name=name, description="For measuring.")
    db.session.add(made)
    db.session.flush()
    for member in members:
        db.session.add(ProjectMember(project_id=made.id, user_id=member.id, role="member"))
    db.session.flush()
    return made


def transcript(made: Project) -> Transcript:
    row = Transcript(
        id=uuid.uuid4(),
        project_id=made.id,
        source="import",
        external_id=uuid.uuid4().hex,
        content_hash=uuid.uuid4().hex,
        content="[00:00:05] Person 01: We go with steel.",
        format="bracketed",
        status="processed",
        meeting_title="Design review",
        meeting_type="internal",
        meeting_date=FIRST_DAY,
        participants=[],
        next_attempt_at=datetime.now(UTC),
    )
    db.session.add(row)
    db.session.flush()
    return row


def decisions(project_ids: list[uuid.UUID], transcript_id: uuid.UUID | None, count: int) -> None:
    """Add so many decisions, spread over the projects, and index them; commits block by block."""
    chance = random.Random(7)
    texts = [_text(chance, "") for _ in range(min(count, TEXTS))]
    rare = _text(chance, RARE)
    for begin in range(0, count, BLOCK):
        rows, indexed = [], []
        for number in range(begin, min(begin + BLOCK, count)):
            # Found ten times, however large the table: a rare word.
            said, words = rare if number % max(count // 10, 1) == 0 else chance.choice(texts)
            project_id = project_ids[number % len(project_ids)]
            rows.append(said | _row(project_id, transcript_id, number, chance))
            indexed.append({"decision_id": rows[-1]["id"]} | words)
        _write("decisions", rows)
        _write("decision_search", indexed)
        db.session.commit()


def _text(chance: random.Random, more: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a decision says, and its words: to analyse a million texts would take minutes."""

    def said(count: int) -> str:
        return " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=count))

    quote, who = said(18), chance.choice(PEOPLE)
    spoken = {"decision_statement": f"{said(14).capitalize()} {more}".strip(), "why": said(10)}
    spoken |= {"who": who, "quote": quote}
    evidence = {"quote": quote, "speaker": who, "timestamp": None, "start": 5, "end": 140}
    excerpt = {"text": f"…{quote}…", "start": 0, "end": 150, "quote_start": 1, "quote_end": 9}
    columns = {"evidence": json.dumps([evidence]), "excerpt": json.dumps(excerpt)}
    return spoken | columns, search.analyse(Decision(**spoken))


def _row(
    project_id: uuid.UUID, transcript_id: Any, number: int, chance: random.Random
) -> dict[str, Any]:
    day = FIRST_DAY + timedelta(days=chance.randrange(1_000))
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(microseconds=number)
    return ALIKE | {
        "id": uuid.UUID(int=chance.getrandbits(128), version=4),
        "project_id": project_id,
        "transcript_id": transcript_id,
        "timestamp_seconds": chance.randrange(5_400),
        "discipline": chance.choice(DISCIPLINES),
        "confidence": round(chance.random(), 3),
        "status": chance.choice(["proposed", "approved"]),
        "meeting_title": f"Design review {day:%B %Y}",
        "meeting_type": chance.choice(MEETING_TYPES),
        "meeting_date": day,
        "created_at": moment,
        "updated_at": moment,
    }


def _write(name: str, rows: list[dict[str, Any]]) -> None:
    """Rows of one table by the driver's own fastest way, within the session's transaction."""
    names, values = ", ".join(rows[0]), [list(row.values()) for row in rows]
    connection = db.session.connection().connection.driver_connection
    if isinstance(connection, sqlite3.Connection):
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(
            f"INSERT INTO {name} ({names}) VALUES ({places})",
            [[_for_sqlite(value) for value in row] for row in values],
        )
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _for_sqlite(value: Any) -> Any:
    """As SQLAlchemy would have stored it."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
