"""JSON: one object with the decisions as the API shows them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

MIMETYPE = "application/json"
EXTENSION = "json"


def write(title: str, records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """`{"project": …, "decisions": […]}`, a line a decision."""
    yield f'{{"project":{json.dumps(title)},"decisions":['.encode()
    separator = "\n"
    for record in records:
        yield (separator + json.dumps(record, ensure_ascii=False)).encode()
        separator = ",\n"
    yield b"\n]}\n"
