"""Full-text search over decisions, the same on SQLite (FTS5) and PostgreSQL (tsvector).

The words are folded here, in Python, before either database sees them, so that both index and
find the same ones. Each database keeps its index in a table `decision_search`.
"""

import re
import unicodedata
import uuid

from sqlalchemy import ColumnElement, Uuid, bindparam, column, false, func, select, table, text

from decisionlog.extensions import db
from decisionlog.models import Decision

INDEX = table("decision_search", column("decision_id", Uuid()), column("words"))
WORD = re.compile(r"\w+")
MAX_TERMS = 32


def words(value: str) -> list[str]:
    """The words of a text, without case and accents: `Lajes de Betão` as lajes, de, betao."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    return WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def index(decision: Decision) -> None:
    """Put a decision that has been flushed into the index, or renew it, within the transaction."""
    remove(decision.id)
    fields = (decision.decision_statement, decision.why, decision.quote, decision.who)
    db.session.execute(
        INDEX.insert().values(decision_id=decision.id, words=" ".join(words(" ".join(fields))))
    )


def remove(decision_id: uuid.UUID) -> None:
    db.session.execute(INDEX.delete().where(INDEX.c.decision_id == decision_id))


def matches(query: str) -> ColumnElement[bool]:
    """The condition on `Decision` that it holds every word of the query, the last one as the
    beginning of a word. A query without a word matches nothing. Nothing in it is an operator."""
    terms = words(query)[:MAX_TERMS]
    if not terms:
        return false()
    if db.engine.dialect.name == "postgresql":
        expression = " & ".join([*terms[:-1], f"{terms[-1]}:*"])
        found = func.to_tsvector("simple", INDEX.c.words).bool_op("@@")(
            func.to_tsquery("simple", expression)
        )
    else:
        expression = " AND ".join([*(f'"{term}"' for term in terms[:-1]), f'"{terms[-1]}"*'])
        found = text("decision_search MATCH :query").bindparams(bindparam("query", expression))
    return Decision.id.in_(select(INDEX.c.decision_id).where(found))
