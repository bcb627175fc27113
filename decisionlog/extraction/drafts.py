"""The values that pass through the pipeline: what an extractor proposes, and what survives."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from decisionlog.transcripts.transcript import Turn, timestamp
from decisionlog.vocabulary import Causation, Discipline, ImpactType, Position, Severity


@dataclass(frozen=True, slots=True)
class Participant:
    name: str
    email: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the sender says of the meeting; every field may be missing."""

    title: str | None = None
    type: str | None = None
    date: datetime.date | None = None
    participants: tuple[Participant, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an extractor says were said. `turn` is the index of the turn where they begin:
    a hint that picks among repeated phrases, never trusted further than that."""

    text: str
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    type: ImpactType
    change: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as an extractor proposes it, before its quotes have been looked up.

    `quotes` holds at least one; the first is where the decision is settled.
    """

    statement: str
    quotes: tuple[Quote, ...]
    discipline: Discipline = Discipline.GENERAL
    why: str = ""
    causation: Causation = Causation.OTHER
    impacts: tuple[Impact, ...] = ()
    consensus: Mapping[Discipline, Position] = field(default_factory=dict)
    review_on: datetime.date | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage of one turn. `quote` is `Transcript.text[start:end]`, to the letter."""

    quote: str
    turn: Turn
    start: int
    end: int

    @property
    def speaker(self) -> str:
        return self.turn.speaker

    @property
    def timestamp(self) -> str | None:
        return timestamp(self.turn.start)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a decision that a person should look at. `type` is a name on the wire."""

    type: str
    severity: Severity
    description: str


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier decision of the project that is like a new one, by a score from 0 to 1."""

    decision_id: UUID
    statement: str
    made_on: datetime.date
    approved: bool
    similarity: float


class Verdict(StrEnum):
    """How a new decision stands to an earlier one."""

    CONSISTENT = "consistent"
    REVERSES = "reverses"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Pair:
    """A new decision, by what it says, beside an earlier one that it may bear on."""

    statement: str
    earlier: Precedent


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comparison says of one pair: a suggestion, until a person confirms it."""

    earlier: Precedent
    verdict: Verdict
    note: str


@dataclass(frozen=True, slots=True)
class GroundedDecision:
    """A draft whose first quote stands in the transcript. `evidence[0]` is that quote."""

    draft: Draft
    evidence: tuple[Evidence, ...]
    confidence: float
    confidence_breakdown: Mapping[str, float]
    flags: tuple[Flag, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedDraft:
    draft: Draft
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several calls; `input` excludes what the cache read or wrote."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an extractor made of some turns. `truncated` says that it had more to tell and was
    cut by its output limit: the caller asks again with fewer turns."""

    drafts: tuple[Draft, ...]
    usage: Usage = Usage()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`findings` by the position of their pair; a pair that was not answered has none."""

    findings: Mapping[int, Finding]
    usage: Usage = Usage()


class Extractor(Protocol):
    """`name` is `claude` or `offline`; `model` and `prompt_version` are None where there is none.

    `input_tokens` is how many tokens of turns one call may hold, None for no limit.
    """

    name: str
    model: str | None
    prompt_version: str | None
    input_tokens: int | None

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        """Drafts of the decisions settled in `turns`, which are consecutive.

        Raises TransientError or PermanentError.
        """


@runtime_checkable
class Comparer(Protocol):
    """What some extractors can do besides: compare new decisions with earlier ones."""

    model: str | None
    comparison_prompt_version: str

    def compare(self, pairs: Sequence[Pair]) -> Comparison:
        """What is to be said of each pair, in one call.

        Raises TransientError or PermanentError.
        """


@runtime_checkable
class Batcher(Extractor, Protocol):
    """An extractor that can also ask by batches, whose answers come later.

    A batch is known by its id to every process that works with the same key.
    """

    def send(self, parts: Mapping[str, tuple[Turn, ...]], meeting: Meeting) -> str:
        """The id of a new batch that asks about the turns of every part, each under its name.

        Raises TransientError or PermanentError; there may be a batch all the same.
        """

    def collect(self, batch_id: str) -> "Mapping[str, Answer | ExtractionError] | None":
        """What came of each part, by its name; None while the batch is under way.

        Raises BatchGone, and TransientError or PermanentError where nothing could be learned.
        """

    def cancel(self, batch_id: str) -> None:
        """Ask for the batch to end as it is; it may come too late, and never raises."""

    def at_most(self, turns: tuple[Turn, ...]) -> Usage:
        """The tokens that an answer about `turns` takes at most, by a cautious estimate."""


class ExtractionError(Exception):
    """Its text is shown to people: what happened and what to do, never transcript text.

    `usage` is what the calls took that had been answered by then: they are paid for all the same.
    """

    def __init__(self, message: str, usage: Usage = Usage()):
        super().__init__(message)
        self.usage = usage


class TransientError(ExtractionError):
    """Worth trying again; not before `retry_after` seconds where the service says so."""

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        usage: Usage = Usage(),
    ):
        super().__init__(message, usage)
        self.retry_after = retry_after


class PermanentError(ExtractionError):
    """Trying again would end the same way."""


class BatchGone(TransientError):
    """The batch will give no more answers: what it was asked is to be asked anew."""
