"""Many decisions, fast: rows as the pipeline would have made them, in bulk."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from decisionlog.decisions import search
from decisionlog.extensions import db
from decisionlog.models import Decision, Project, ProjectMember, Transcript, User
from decisionlog.vocabulary import DecisionSource, DecisionStatus, Discipline, MeetingType

BLOCK = 5_000
WORDS = (
    "frame concrete steel timber facade glazing slab column beam roof terrace drainage pump duct"
    " panel lighting socket cable stair lift corridor kitchen window door insulation membrane fire"
    " escape parking garden wall brick cladding foundation pile survey permit budget schedule"
).split()
PEOPLE = [f"Person {number:02}" for number in range(20)]
FIRST_DAY = date(2024, 1, 1)
# Stands in one decision of every thousand, whatever their number.
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
    made = _rows(project_ids, transcript_id, count, chance)
    while block := [row for _, row in zip(range(BLOCK), made, strict=False)]:
        db.session.execute(Decision.__table__.insert(), block)
        for row in block:
            search.index(Decision(**row))
        db.session.commit()
        db.session.expunge_all()


def _rows(
    project_ids: list[uuid.UUID], transcript_id: Any, count: int, chance: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _row(project_ids[number % len(project_ids)], transcript_id, number, count, chance)


def _row(
    project_id: uuid.UUID, transcript_id: Any, number: int, count: int, chance: random.Random
) -> dict[str, Any]:
    statement = " ".join(chance.choices(WORDS, k=14))
    quote = " ".join(chance.choices(WORDS, k=18))
    # The rare word's share is fixed, so that how many a search finds does not grow with the table.
    if number % max(count // 10, 1) == 0:
        statement += " " + RARE
    who = chance.choice(PEOPLE)
    seconds = chance.randrange(5_400)
    day = FIRST_DAY + timedelta(days=chance.randrange(1_000))
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(microseconds=number)
    return {
        "id": uuid.UUID(int=chance.getrandbits(128), version=4),
        "project_id": project_id,
        "transcript_id": transcript_id,
        "decision_statement": f"We decided on {statement}.",
        "who": who,
        "timestamp_seconds": seconds,
        "quote": quote,
        "discipline": chance.choice(list(Discipline)),
        "why": " ".join(chance.choices(WORDS, k=10)),
        "impacts": [{"type": "budget", "change": "higher"}],
        "evidence": [{"quote": quote, "speaker": who, "timestamp": None, "start": 5, "end": 140}],
        "excerpt": {"text": f"…{quote}…", "start": 0, "end": 150, "quote_start": 1, "quote_end": 9},
        "consensus": dict.fromkeys(chance.sample(list(Discipline), 3), "AGREE"),
        "confidence": round(chance.random(), 3),
        "confidence_breakdown": {"consensus": 0.8, "consistency": 0.7, "precedent": 0.5},
        "status": chance.choice([DecisionStatus.PROPOSED, DecisionStatus.APPROVED]),
        "source": DecisionSource.MEETING,
        "meeting_title": f"Design review {day:%B %Y}",
        "meeting_type": chance.choice(list(MeetingType)),
        "meeting_date": day,
        "meeting_participants": [{"name": name} for name in PEOPLE[:4]],
        "created_at": moment,
        "updated_at": moment,
    }
