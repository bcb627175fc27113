"""Pages of a list: by offset, or by a cursor that does not slow down with depth."""

import base64
import json
import uuid
from typing import Annotated, Any

from pydantic import Field, model_validator

from decisionlog.errors import Invalid
from decisionlog.http.schemas import Input, Text

LIMIT_MAX = 200


class PageQuery(Input):
    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="rows a page")
    offset: int = Field(0, ge=0, le=1_000_000, description="rows to skip; excludes `cursor`")

    def page(self, total: int) -> dict[str, int]:
        """What an answer says of the page beside its rows. `total` counts the whole list."""
        return {"total": total, "limit": self.limit, "offset": self.offset}


class CursorQuery(PageQuery):
    cursor: Annotated[Text, Field(max_length=300)] | None = Field(
        None, description="`next_cursor` of the page before, with the same filters and order"
    )

    @model_validator(mode="after")
    def _one_way_to_page(self) -> "CursorQuery":
        if self.cursor is not None and self.offset:
            raise ValueError("give a cursor or an offset, not both")
        return self


def encode_cursor(order: str, value: Any, row_id: uuid.UUID) -> str:
    """A place in a list: the row after which the next page starts. `value` must be JSON."""
    place = json.dumps([order, value, row_id.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, order: str) -> tuple[Any, uuid.UUID]:
    """The sort value and id that `encode_cursor` was given.

    Raises Invalid for a cursor that was not made here, or for another order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, row_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        place = value, uuid.UUID(hex=row_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid.field("cursor", "is not a cursor that this API made") from error
    if made_for != order:
        raise Invalid.field("cursor", "was made for another order")
    return place
