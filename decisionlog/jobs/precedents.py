"""The earlier decisions of a project that are like a new one."""

from typing import Any

from sqlalchemy import Row

from decisionlog.decisions import search, similar, words
from decisionlog.decisions.search import DECISIONS
from decisionlog.extensions import db
from decisionlog.extraction.drafts import Precedent
from decisionlog.models import Decision, Transcript
from decisionlog.vocabulary import DecisionStatus


class Precedents:
    """Those of other meetings than `transcript`, up to its day; what was rejected or deleted sets
    none."""

    def __init__(self, transcript: Transcript):
        self._conditions = (
            Decision.project_id == transcript.project_id,
            Decision.transcript_id.is_distinct_from(transcript.id),
            Decision.meeting_date <= transcript.meeting_date,
            Decision.deleted_at.is_(None),
            Decision.status.in_((DecisionStatus.PROPOSED, DecisionStatus.APPROVED)),
        )
        self._total = search.size()

    def of(self, statement: str) -> list[Precedent]:
        """The most similar first."""
        subject = [word.key for word in words.read(statement)]
        frequencies = search.frequencies(similar.telling(subject))
        if not frequencies:
            return []
        found = (
            search.rows(DECISIONS, search.any_of(similar.rarest(frequencies)))
            .join(Decision, Decision.id == DECISIONS.c.decision_id)
            .where(*self._conditions)
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
            similar.Document(
                row.id,
                row.decision_statement,
                [word.key for word in words.read(row.decision_statement)],
            )
            for row in rows
        ]
        return [
            _precedent(by_id[near.decision_id], score)
            for near, score in similar.nearest(subject, documents, frequencies, self._total)
        ]


def _precedent(row: Row[Any], score: float) -> Precedent:
    return Precedent(
        row.id,
        row.decision_statement,
        row.meeting_date,
        row.status == DecisionStatus.APPROVED,
        score,
    )
