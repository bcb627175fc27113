"""What search asks of the database: SELECTs as named functions."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import Row, func, select

from decisionlog.decisions import meaning, search, similar
from decisionlog.decisions.access import visible_decisions
from decisionlog.decisions.search import DECISIONS, PASSAGES
from decisionlog.decisions.words import Query
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionVector, Transcript, User


def found_decisions(
    user: User, project_id: uuid.UUID, query: Query, limit: int, offset: int
) -> tuple[list[Decision], int]:
    """The decisions of a project that hold what is asked for, the best first, and how many."""
    if query.is_empty:
        return [], 0
    asked = search.expression(query)
    found = (
        search.rows(DECISIONS, asked)
        .join(Decision, Decision.id == DECISIONS.c.decision_id)
        .where(Decision.project_id == project_id, visible_decisions(user))
    )
    order = (search.rank(DECISIONS, asked).desc(), Decision.meeting_date.desc(), Decision.id)
    page = found.with_only_columns(Decision).order_by(*order).limit(limit).offset(offset)
    total = db.session.scalar(found.with_only_columns(func.count()))
    return list(db.session.scalars(page)), total or 0


def found_passages(
    project_id: uuid.UUID, query: Query, limit: int, offset: int
) -> tuple[Sequence[Row[Any]], int]:
    """Rows of (transcript_id, meeting_title, meeting_date, speaker, start_seconds, char_start,
    text) of what was said in a project, the best first, and how many there are."""
    if query.is_empty:
        return [], 0
    asked = search.expression(query)
    found = (
        search.rows(PASSAGES, asked)
        .join(Transcript, Transcript.id == PASSAGES.c.transcript_id)
        .where(Transcript.project_id == project_id)
    )
    columns = (
        PASSAGES.c.transcript_id,
        Transcript.meeting_title,
        Transcript.meeting_date,
        PASSAGES.c.speaker,
        PASSAGES.c.start_seconds,
        PASSAGES.c.char_start,
        PASSAGES.c.text,
    )
    order = (search.rank(PASSAGES, asked).desc(), Transcript.meeting_date.desc(), PASSAGES.c.id)
    page = found.with_only_columns(*columns).order_by(*order).limit(limit).offset(offset)
    total = db.session.scalar(found.with_only_columns(func.count()))
    return db.session.execute(page).all(), total or 0


def similar_decisions(user: User, decision: Decision) -> list[tuple[similar.Document, float]]:
    """The decisions of the same project that are most like this one, with scores of 0 to 1.

    By their words where `SIMILARITY` says so, and until the worker has embedded this decision.
    """
    if current_app.config["SIMILARITY"] == "meaning":
        vector = db.session.get(DecisionVector, decision.id)
        if vector and vector.model == meaning.MODEL:
            return _similar_in_meaning(user, decision, vector.vector)
    return _similar_in_words(user, decision)


def _similar_in_meaning(
    user: User, decision: Decision, vector: bytes
) -> list[tuple[similar.Document, float]]:
    found = (
        select(Decision.id, Decision.decision_statement, DecisionVector.vector)
        .join(DecisionVector, DecisionVector.decision_id == Decision.id)
        .where(
            Decision.project_id == decision.project_id,
            visible_decisions(user),
            Decision.id != decision.id,
            DecisionVector.model == meaning.MODEL,
        )
        .order_by(Decision.meeting_date.desc(), Decision.id)
        .limit(meaning.CANDIDATES_MAX)
    )
    candidates = [
        (similar.Document(row.id, row.decision_statement, ()), row.vector)
        for row in db.session.execute(found)
    ]
    return meaning.nearest(vector, candidates)


def _similar_in_words(user: User, decision: Decision) -> list[tuple[similar.Document, float]]:
    words = db.session.execute(
        select(DECISIONS.c.title, DECISIONS.c.body).where(DECISIONS.c.decision_id == decision.id)
    ).one_or_none()
    subject = _keys(*words) if words else []
    frequencies = search.frequencies(similar.telling(subject))
    if not frequencies:
        return []
    found = (
        search.rows(DECISIONS, search.any_of(similar.rarest(frequencies)))
        .join(Decision, Decision.id == DECISIONS.c.decision_id)
        .where(
            Decision.project_id == decision.project_id,
            visible_decisions(user),
            Decision.id != decision.id,
        )
        .order_by(Decision.meeting_date.desc(), Decision.id)
        .limit(similar.CANDIDATES_MAX)
    )
    columns = (Decision.id, Decision.decision_statement, DECISIONS.c.title, DECISIONS.c.body)
    candidates = [
        similar.Document(row.id, row.decision_statement, _keys(row.title, row.body))
        for row in db.session.execute(found.with_only_columns(*columns))
    ]
    return similar.nearest(subject, candidates, frequencies, search.size())


def _keys(title: str, body: str) -> list[str]:
    return f"{title} {body}".replace(search.BREAK, "").split()
