"""What an adapter says of its vendor, and the pieces that adapters are made of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from decisionlog.http.schemas import Text
from decisionlog.webhook.schemas import MeetingFields, ParticipantIn

SHORTEST_MEETING = 1


@dataclass(frozen=True, slots=True)
class Incoming:
    """A delivery in our own shape. `external_id` is the same for every repetition of it."""

    external_id: str
    transcript: str
    meeting: MeetingFields


@dataclass(frozen=True, slots=True)
class Vendor:
    """`secrets` names the setting with the signing secrets; `is_proved` is called with them, the
    headers and the raw body; `read` is pure and takes a valid `payload`."""

    name: str
    title: str
    secrets: str
    scheme: str
    is_proved: Callable[[Iterable[str], Mapping[str, str], bytes], bool]
    payload: type[BaseModel]
    read: Callable[[Any], Incoming]


class Payload(BaseModel):
    """What a vendor sends; fields that we do not know are none of our business."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


def _unless_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Maybe = BeforeValidator(_unless_blank)
Name = Annotated[Text | None, Maybe]


def line(moment: str, speaker: str | None, words: str) -> str:
    """A line of our canonical transcript form. `moment` is HH:MM:SS from the start."""
    return f"[{moment}] {_flat(speaker or '') or 'Unknown'}: {_flat(words)}"


def minutes(start: datetime, end: datetime) -> int:
    return max(SHORTEST_MEETING, round((end - start).total_seconds() / 60))


def people(entries: Iterable[tuple[str | None, str | None]]) -> list[ParticipantIn]:
    """Participants from (name, e-mail), of which either may be missing or odd. Those without both
    are left out: nobody's address is a reason to lose a meeting."""
    found = []
    for name, email in entries:
        shown = (_flat(name or "") or (email or ""))[:200]
        if not shown:
            continue
        try:
            found.append(ParticipantIn(name=shown, email=email))
        except ValidationError:
            found.append(ParticipantIn(name=shown))
    return found


def _flat(text: str) -> str:
    return " ".join(text.split())
