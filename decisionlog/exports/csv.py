"""Comma-separated values (RFC 4180), in UTF-8 with the mark that Excel needs to know it."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

MIMETYPE = "text/csv"
EXTENSION = "csv"

COLUMNS = (
    "id",
    "meeting_date",
    "meeting_title",
    "meeting_type",
    "decision_statement",
    "who",
    "timestamp",
    "quote",
    "discipline",
    "why",
    "causation",
    "impacts",
    "consensus",
    "confidence",
    "anomaly_flags",
    "status",
    "approved_at",
    "approval_notes",
    "review_on",
    "source",
    "created_at",
    "updated_at",
)
# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(title: str, records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A line a decision, under a line of names."""
    yield "\ufeff".encode() + _line(COLUMNS)
    for record in records:
        yield _line([_cell(record[name]) for name in COLUMNS])


def _line(cells: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return "'" + value
    return value
