"""Pages of decisions as bytes, each decision of which is written once.

What a list shows of a decision follows from its version and from whether a client reads it. A
version never changes, so what was written of it is kept, and a page that was read before costs its
keys alone.
"""

import math
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Row

from decisionlog.decisions import present, queries
from decisionlog.decisions.memory import Memory
from decisionlog.decisions.schemas import DecisionPage
from decisionlog.models import User

# Some 2 KB each: pages that people look at, not the whole record.
KEPT_MAX = 5_000
_written: Memory[bytes] = Memory(math.inf, KEPT_MAX)


def page_json(user: User, rows: Sequence[Row[Any]], page: DecisionPage) -> bytes:
    """A `schemas.DecisionList` of the decisions that `rows` of `queries.decisions_page` name."""
    rest = to_json(page)
    return rest[:-1] + b',"decisions":[' + b",".join(_decisions(user, rows)) + b"]}"


def _decisions(user: User, rows: Sequence[Row[Any]]) -> Iterator[bytes]:
    keys = [(row.id, row.version, user.is_client) for row in rows]
    written = {key[0]: _written.get(key) for key in keys}
    unseen = [decision_id for decision_id, text in written.items() if text is None]
    # One that was deleted, or hidden from a client, since its key was read is not told any more.
    written |= _write(user, unseen) if unseen else {}
    return (text for text in written.values() if text is not None)


def _write(user: User, decision_ids: list[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    texts = {}
    for row in queries.listed_decisions(user, decision_ids):
        text = to_json(present.listed(row, user.is_client))
        texts[row.id] = _written[(row.id, row.version, user.is_client)] = text
    return texts
