"""Full-text search over decisions and transcripts, the same on SQLite (FTS5) and PostgreSQL.

`decisionlog.decisions.words` makes the words; the tables hold them in the order of the text, in
`title` (what was decided, who spoke) and `body`, and in `forms` what a beginning of a word may
find. PostgreSQL's `vector` is written as a literal: its own parser never sees a text.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR

from decisionlog.decisions import words
from decisionlog.decisions.memory import Memory
from decisionlog.decisions.words import Query
from decisionlog.extensions import db
from decisionlog.models import Decision
from decisionlog.transcripts import Transcript as Speech

WORDS = ("title", "body", "forms")
DECISIONS = table(
    "decision_search",
    column("id", Integer()),
    column("decision_id", Uuid()),
    *(column(name, Text()) for name in WORDS),
)
PASSAGES = table(
    "passage_search",
    column("id", Integer()),
    column("transcript_id", Uuid()),
    column("speaker", Text()),
    column("start_seconds", Integer()),
    column("char_start", Integer()),
    column("text", Text()),
    *(column(name, Text()) for name in WORDS),
)
VECTOR = column("vector", TSVECTOR())
PASSAGE_MAX = 1000
HITS = "hits"
# A word that no query holds: phrases must not run from one field into the next.
BREAK = "|"
# Beyond these a word is common and the record large: counting on would only take time.
FREQUENCY_MAX, SIZE_MAX = 1000, 10_000
# So many decisions that one page of them is soon found by walking through the list.
COMMON_MIN = 5_000
# For so long it is remembered how many decisions hold a common word, or a query finds.
COMMON_SECONDS = 600
_common_words: Memory[int] = Memory(COMMON_SECONDS, 10_000)
_query_sizes: Memory[int] = Memory(COMMON_SECONDS)
# A hit in what was decided is worth four in what was said about it.
SQLITE_WEIGHTS = "4.0, 1.0, 0.1"
POSTGRESQL_WEIGHTS = "'{0.025, 0, 0.25, 1}'::float4[]"
# As text: two dozen words make a statement that costs more to put together than to run.
FREQUENCIES_POSTGRESQL = """
SELECT asked, (
    SELECT count(*) FROM (
        SELECT FROM decision_search WHERE vector @@ CAST(asked AS tsquery) LIMIT :most
    ) AS holding
) FROM unnest(CAST(:asked AS text[])) AS asked
"""
FREQUENCIES_SQLITE = """
SELECT asked.value, (
    SELECT count(*) FROM (
        SELECT rowid FROM decision_search_fts
        WHERE decision_search_fts MATCH asked.value LIMIT :most
    )
) FROM json_each(:asked) AS asked
"""
SIZE = "SELECT count(*) FROM (SELECT id FROM decision_search LIMIT :most) AS counted"
POSITION_MAX = 16383
BATCH = 500


def index(decision: Decision) -> None:
    """Put a decision that has been flushed into the index, or renew it, within the transaction."""
    remove(decision.id)
    _insert(DECISIONS, [{"decision_id": decision.id, **analyse(decision)}])


def analyse(decision: Decision) -> dict[str, Any]:
    """The words of a decision, as the columns of the index hold them."""
    fields = [decision.why, decision.quote, decision.who]
    return _words([decision.decision_statement], fields)


def remove(decision_id: uuid.UUID) -> None:
    db.session.execute(DECISIONS.delete().where(DECISIONS.c.decision_id == decision_id))


def index_passages(transcript_id: uuid.UUID, speech: Speech) -> None:
    """Put what was said in a meeting into the index, or renew it, within the transaction."""
    db.session.execute(PASSAGES.delete().where(PASSAGES.c.transcript_id == transcript_id))
    found = (
        {
            "transcript_id": transcript_id,
            "speaker": turn.speaker,
            "start_seconds": -1 if turn.start is None else int(turn.start),
            "char_start": turn.char_start + start,
            "text": piece,
            **_words([turn.speaker], [piece]),
        }
        for turn in speech.turns
        for start, piece in _pieces(turn.text)
    )
    # A long meeting has tens of thousands: never all of them in memory at once.
    while batch := list(islice(found, BATCH)):
        _insert(PASSAGES, batch)


def matches(query: str, of_page: bool = False) -> ColumnElement[bool]:
    """The condition on `Decision` that it holds what the query asks for; see `words.parse`.
    A query without a word matches nothing. `of_page` where few of those that match are read.

    PostgreSQL's planner can't tell how rare the beginning of a word is, and may walk through the
    whole list for a word of ten decisions, or collect half of the record for one page. So it is
    told: what is rare is found first, as an array; what is common is looked for row by row where
    a page is soon full, and joined where all is read.
    """
    parsed = words.parse(query)
    if parsed.is_empty:
        return false()
    asked = expression(parsed)
    found = rows(DECISIONS, asked).with_only_columns(DECISIONS.c.decision_id)
    if not _on_postgresql():
        return Decision.id.in_(found)
    if not _is_common(asked):
        return Decision.id == any_(func.array(found.scalar_subquery(), type_=ARRAY(Uuid)))
    if of_page:
        here = select(_holds(asked)).where(DECISIONS.c.decision_id == Decision.id)
        return here.correlate(Decision).scalar_subquery()
    return Decision.id.in_(found)


def _is_common(asked: str) -> bool:
    """Remembered: a page and its counts ask alike, and nothing but the plan depends on it."""
    count = _query_sizes.get(asked)
    if count is None:
        found = rows(DECISIONS, asked).with_only_columns(DECISIONS.c.id).limit(COMMON_MIN)
        count = db.session.scalar(select(func.count()).select_from(found.subquery()))
        _query_sizes[asked] = count
    return count >= COMMON_MIN


def _holds(asked: str) -> ColumnElement[bool]:
    return VECTOR.bool_op("@@")(cast(literal(asked), TSQUERY))


def rows(source: Any, asked: str) -> Select[Any]:
    """The rows of an index that an expression finds."""
    if _on_postgresql():
        return select(source).where(_holds(asked))
    fts = table(f"{source.name}_fts", column("rowid", Integer()))
    score = literal_column(f"-bm25({fts.name}, {SQLITE_WEIGHTS})")
    hit = literal_column(fts.name).op("MATCH", is_comparison=True)(literal(asked))
    hits = select(fts.c.rowid.label("id"), score.label("rank")).where(hit).cte(HITS)
    # Once, and first: SQLite's planner would ask the index anew for every decision of the project.
    return select(source).join(hits.prefix_with("MATERIALIZED"), hits.c.id == source.c.id)


def frequencies(keys: Iterable[str]) -> dict[str, int]:
    """How many decisions of the whole record hold each key, counted up to `FREQUENCY_MAX`.

    What very many hold is remembered for `COMMON_SECONDS`: it takes long to count again, and
    what it tells does not change with a few more.
    """
    known = {key: _common_words.get(key) for key in keys}
    counted = _counted([key for key, count in known.items() if count is None])
    for key, count in counted.items():
        if count == FREQUENCY_MAX:
            _common_words[key] = count
    return known | counted


def _counted(keys: list[str]) -> dict[str, int]:
    asked = {_exact((key,)): key for key in keys}
    if not asked:
        return {}
    postgresql = _on_postgresql()
    found = db.session.execute(
        text(FREQUENCIES_POSTGRESQL if postgresql else FREQUENCIES_SQLITE),
        {"asked": [*asked] if postgresql else json.dumps([*asked]), "most": FREQUENCY_MAX},
    )
    return {asked[expression]: count for expression, count in found}


def size() -> int:
    """How many decisions the whole record has, counted up to `SIZE_MAX`."""
    return db.session.scalar(text(SIZE), {"most": SIZE_MAX})


def rank(source: Any, asked: str) -> ColumnElement[float]:
    """How well a row of `rows` fits: the higher, the better, by the database's own measure."""
    if _on_postgresql():
        weights = literal_column(POSTGRESQL_WEIGHTS)
        return func.ts_rank(weights, VECTOR, cast(literal(asked), TSQUERY), 1)
    return literal_column(f"{HITS}.rank")


def expression(query: Query) -> str:
    """A query in the language of the database, for `rows` and `rank`."""
    exact = [_exact((key,)) for key in query.keys] + [_exact(phrase) for phrase in query.phrases]
    if query.prefix is not None:
        exact.append(_beginning(query.prefix))
    return (" & " if _on_postgresql() else " AND ").join(exact)


def any_of(keys: Iterable[str]) -> str:
    """The expression that finds what holds at least one of the keys."""
    return (" | " if _on_postgresql() else " OR ").join(_exact((key,)) for key in keys)


def _exact(phrase: tuple[str, ...]) -> str:
    if _on_postgresql():
        return "(" + " <-> ".join(f"'{key}':AB" for key in phrase) + ")"
    return f'{{title body}} : "{" ".join(phrase)}"'


def _beginning(form: str) -> str:
    if _on_postgresql():
        return f"('{words.key(form)}':AB | '{form}':*)"
    return f'({_exact((words.key(form),))} OR "{form}"*)'


def _insert(source: Any, values: list[dict[str, Any]]) -> None:
    if not values:
        return
    typed = {found.name: found.type for found in (*source.c, VECTOR)}
    target = table(source.name, *(column(name, typed[name]) for name in values[0]))
    db.session.execute(target.insert(), values)


def _words(titles: Iterable[str], bodies: Iterable[str]) -> dict[str, Any]:
    """The analysed columns of a row."""
    title_words, body_words = (
        [[*words.read(text)] for text in texts] for texts in (titles, bodies)
    )
    title, body = _keys(title_words), _keys(body_words)
    forms = {word.form for read in (*title_words, *body_words) for word in read}
    forms = sorted(form for form in forms if form != words.key(form))
    row = {"title": " ".join(title), "body": " ".join(body), "forms": " ".join(forms)}
    if _on_postgresql():
        row["vector"] = _vector(title, body, forms)
    return row


def _keys(texts: Iterable[Iterable[words.Word]]) -> list[str]:
    found: list[str] = []
    for read in texts:
        found += [word.key for word in read] + [BREAK]
    return found


def _vector(title: list[str], body: list[str], forms: list[str]) -> str:
    """A tsvector literal: `'steel':3A,7B`; a form has the weight D and the position of none."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, key in enumerate([*title, *body], 1):
        if key != BREAK:
            weight = "A" if place <= len(title) else "B"
            places[key].append(f"{min(place, POSITION_MAX)}{weight}")
    for form in forms:
        places[form].append(f"{POSITION_MAX}D")
    return " ".join(f"'{key}':{','.join(at)}" for key, at in places.items())


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """A turn in pieces that a page can show, cut between words: (start, piece)."""
    start = 0
    while len(text) - start > PASSAGE_MAX:
        end = text.rfind(" ", start, start + PASSAGE_MAX) + 1 or start + PASSAGE_MAX
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
