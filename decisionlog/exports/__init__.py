"""Decisions as files. Knows nothing of the rest of DecisionLog.

A format is one module with `MIMETYPE`, `EXTENSION` and `write`, and one line here.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from decisionlog.exports import csv, json, madr, madr_zip

# A decision as the API shows it, with JSON values only.
Record = dict[str, Any]


class Format(Protocol):
    MIMETYPE: str
    EXTENSION: str

    def write(self, title: str, records: Iterable[Record]) -> Iterator[bytes]:
        """The file in pieces, one decision in memory at a time. `title` names the project."""
        ...


FORMATS: dict[str, Format] = {"csv": csv, "json": json, "md": madr, "zip": madr_zip}
