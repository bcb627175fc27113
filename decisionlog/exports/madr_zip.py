"""The MADR records as a zip archive, a file a decision, as a repository keeps them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from decisionlog.exports import madr, zipping

MIMETYPE = "application/zip"
EXTENSION = "zip"

NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
NAME_MAX = 60


def write(title: str, records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """`0001-the-frame-will-be-steel.md`, and so on, in the order given."""
    return zipping.archive(_file(number, record) for number, record in enumerate(records, 1))


def _file(number: int, record: dict[str, Any]) -> tuple[str, date, bytes]:
    name = f"{number:04d}-{_slug(record['decision_statement'])}.md"
    return name, date.fromisoformat(record["meeting_date"]), madr.entry(record).encode()


def _slug(statement: str) -> str:
    return NOT_IN_NAMES.sub("-", statement.lower())[:NAME_MAX].strip("-") or "decision"
