"""Vectors for the decisions that have none, or an outdated one, by any number of workers."""

from flask import Flask
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from decisionlog.decisions import meaning
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionVector

BLOCK = 200


def run(app: Flask) -> int:
    """Embed all that are due. Returns how many they were."""
    if app.config["SIMILARITY"] != "meaning":
        return 0
    with app.app_context():
        count = 0
        while made := embed_block():
            count += made
        return count


def embed_block() -> int:
    """Embed the next decisions that are due, and commit. Returns how many; 0 when all are done."""
    due = db.session.execute(
        select(Decision.id, Decision.version, Decision.decision_statement)
        .outerjoin(DecisionVector, DecisionVector.decision_id == Decision.id)
        .where(
            Decision.deleted_at.is_(None),
            or_(
                DecisionVector.decision_id.is_(None),
                DecisionVector.version != Decision.version,
                DecisionVector.model != meaning.MODEL,
            ),
        )
        .order_by(Decision.id)
        .limit(BLOCK)
    ).all()
    # No transaction may stay open while the encoder works.
    db.session.rollback()
    if not due:
        return 0
    vectors = meaning.encode([row.decision_statement for row in due])
    for row, vector in zip(due, vectors, strict=True):
        db.session.merge(
            DecisionVector(
                decision_id=row.id, version=row.version, model=meaning.MODEL, vector=vector
            )
        )
    try:
        db.session.commit()
    except IntegrityError:
        # Another worker was faster.
        db.session.rollback()
    return len(due)
