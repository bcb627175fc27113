"""The MADR records as a zip archive, a file a decision, as a repository keeps them."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from decisionlog.exports import madr

MIMETYPE = "application/zip"
EXTENSION = "zip"

NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
NAME_MAX = 60


class _Pieces(io.RawIOBase):
    """A file that can't be sought in, whose content is taken away as it grows."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._waiting += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def write(title: str, records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """`0001-the-frame-will-be-steel.md`, and so on, in the order given."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, record in enumerate(records, 1):
            name = f"{number:04d}-{_slug(record['decision_statement'])}.md"
            entry = zipfile.ZipInfo(name, date_time=_date_time(record["meeting_date"]))
            archive.writestr(entry, madr.entry(record), zipfile.ZIP_DEFLATED)
            yield pieces.take()
    yield pieces.take()


def _slug(statement: str) -> str:
    return NOT_IN_NAMES.sub("-", statement.lower())[:NAME_MAX].strip("-") or "decision"


def _date_time(day: str) -> tuple[int, int, int, int, int, int]:
    # A zip knows no day before 1980.
    year, month, date = map(int, day.split("-"))
    return (max(year, 1980), month, date, 0, 0, 0)
