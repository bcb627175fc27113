"""The earlier decisions of a project that are like a new one."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Row

from decisionlog.decisions import search, similar, words
from decisionlog.decisions.search import DECISIONS
from decisionlog.extensions import db
from decisionlog.extraction.drafts import Precedent
from decisionlog.models import Decision, Transcript
from decisionlog.vocabulary import DecisionStatus


def of(transcript: Transcript, statements: Sequence[str]) -> list[list[Precedent]]:
    """The precedents of each statement, the most similar first.

    They are decisions of other meetings than `transcript`, up to its day; what was rejected or
    deleted sets none.
    """
    setting = (
        Decision.project_id == transcript.project_id,
        Decision.transcript_id.is_distinct_from(transcript.id),
        Decision.meeting_date <= transcript.meeting_date,
        Decision.deleted_at.is_(None),
        Decision.status.in_((DecisionStatus.PROPOSED, DecisionStatus.APPROVED)),
    )
    subjects = [_keys(statement) for statement in statements]
    telling = [similar.telling(subject) for subject in subjects]
    # Asked for all together: most of the words come up again and again.
    known = search.frequencies(dict.fromkeys(chain.from_iterable(telling)))
    total = search.size()
    return [
        _nearest(subject, {term: known[term] for term in terms}, total, setting)
        for subject, terms in zip(subjects, telling, strict=True)
    ]


def _nearest(
    subject: Sequence[str],
    frequencies: dict[str, int],
    total: int,
    setting: Iterable[ColumnElement[bool]],
) -> list[Precedent]:
    if not frequencies:
        return []
    found = (
        search.rows(DECISIONS, search.any_of(similar.rarest(frequencies)))
        .join(Decision, Decision.id == DECISIONS.c.decision_id)
        .where(*setting)
        .order_by(Decision.meeting_date.desc(), Decision.id)
        .limit(similar.CANDIDATES_MAX)
    )
    columns = (
        Decision.id,
        Decision.decision_statement,
        Decision.status,
        Decision.meeting_date,
    )
    rows = db.session.execute(found.with_only_columns(*columns)).all()
    by_id = {row.id: row for row in rows}
    documents = [
        similar.Document(row.id, row.decision_statement, _keys(row.decision_statement))
        for row in rows
    ]
    return [
        _precedent(by_id[near.decision_id], score)
        for near, score in similar.nearest(subject, documents, frequencies, total)
    ]


def _keys(statement: str) -> list[str]:
    return [word.key for word in words.read(statement)]


def _precedent(row: Row[Any], score: float) -> Precedent:
    return Precedent(
        row.id,
        row.decision_statement,
        row.meeting_date,
        row.status == DecisionStatus.APPROVED,
        score,
    )
