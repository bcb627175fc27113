"""The pieces that request and response models are made of."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    validate_email,
)

from decisionlog import clock


class Input(BaseModel):
    """A body or a query string: what it does not name is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """An answer, built from our own values: not validated a second time."""

    model_config = ConfigDict(from_attributes=True)


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not hold a NUL character")
    return value


def _address(value: str) -> str:
    return validate_email(value)[1]


def _written(pattern: str, example: str) -> BeforeValidator:
    # Pydantic would take numbers, and strings of digits, for seconds since 1970.
    def check(value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
            return value
        raise ValueError(f"must be written like {example}")

    return BeforeValidator(check)


def _split(value: Any) -> Any:
    # The query string comes as a list of its values: `a=1,2&a=3` as ["1,2", "3"].
    values = [value] if isinstance(value, str) else value
    return [item.strip() for text in values for item in text.split(",") if item.strip()]


# PostgreSQL can't store U+0000, so no text may bring it in.
Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[Text, Field(min_length=1, max_length=500)]
# pydantic's EmailStr, except that its library is loaded with the first address, not at the start.
EmailAddress = Annotated[
    str, AfterValidator(_address), Field(json_schema_extra={"format": "email"})
]
Moment = Annotated[datetime, PlainSerializer(clock.iso, return_type=str)]
Day = Annotated[date, _written(r"\d{4}-\d\d-\d\d", "2026-01-31")]
Instant = Annotated[AwareDatetime, _written(r"\d{4}-\d\d-\d\d[Tt ].+", "2026-01-31T12:00:00Z")]
CommaSeparated = BeforeValidator(_split)


class FieldError(Output):
    field: str
    message: str


class ProblemDetails(Output):
    """RFC 9457 problem details. `error` is the code to switch on; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    error: str
    request_id: str | None
    errors: list[FieldError] | None = None
