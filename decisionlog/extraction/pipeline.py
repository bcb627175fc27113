"""From a transcript to its grounded decisions: the one way in, whatever the extractor."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from decimal import Decimal

from decisionlog.extraction.chunking import Part, halve, split
from decisionlog.extraction.confidence import confidence
from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import (
    Answer,
    Draft,
    ExtractionError,
    Extractor,
    GroundedDecision,
    Meeting,
    RejectedDraft,
    Usage,
)
from decisionlog.extraction.duplicates import without_duplicates
from decisionlog.extraction.grounding import TranscriptIndex, UngroundedError, ground
from decisionlog.transcripts.transcript import Transcript
from decisionlog.vocabulary import RunStatus

MAX_DRAFTS_PER_PART = 100
HEARTBEAT_SECONDS = 15

NO_STATEMENT = "it says nothing"
REPEATED = "it repeats another decision of this meeting"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found, and what it took.

    `decisions` are in order of time. `reasons` says what is missing when `status` is partial and
    is empty when it is complete. `parts` counts the calls whose answers were used. `cost_usd` is
    exact, and None where the model's price is not known.
    """

    decisions: tuple[GroundedDecision, ...]
    rejected: tuple[RejectedDraft, ...]
    usage: Usage
    cost_usd: Decimal | None
    parts: int
    status: RunStatus
    reasons: tuple[str, ...]
    extractor: str
    model: str | None
    prompt_version: str | None


def extract_decisions(
    transcript: Transcript,
    meeting: Meeting,
    extractor: Extractor,
    *,
    parallel: int = 4,
    on_part: Callable[[], None] | None = None,
    heartbeat: float = HEARTBEAT_SECONDS,
) -> Outcome:
    """The decisions of a meeting, each with evidence that stands in the transcript.

    At most `parallel` calls run at once. `on_part` is called in the caller's thread whenever a
    call has ended and every `heartbeat` seconds meanwhile: to renew a lease, or to give up by
    raising, which leaves calls under way to end unheard. Raises what the extractor raises,
    TransientError or PermanentError; then nothing of the run is to be kept.
    """
    parts = split(transcript.turns, extractor.input_tokens)
    told, usage = _ask(parts, meeting, extractor, parallel, on_part or (lambda: None), heartbeat)
    return assemble(
        transcript,
        told,
        usage=usage,
        cost=cost_usd(usage, extractor.model),
        extractor=extractor.name,
        model=extractor.model,
        prompt_version=extractor.prompt_version,
    )


def assemble(
    transcript: Transcript,
    told: Sequence[tuple[Part, Answer]],
    *,
    usage: Usage,
    cost: Decimal | None,
    extractor: str,
    model: str | None,
    prompt_version: str | None,
) -> Outcome:
    """What the answers to all parts, in order, make: grounded, each decision once.

    The keywords say what was asked, and what all calls took.
    """
    index = TranscriptIndex(transcript)
    heard: list[tuple[int, GroundedDecision]] = []
    rejected: list[RejectedDraft] = []
    for number, (_, answer) in enumerate(told):
        for draft in answer.drafts[:MAX_DRAFTS_PER_PART]:
            grounded = _ground(draft, index)
            if isinstance(grounded, RejectedDraft):
                rejected.append(grounded)
            else:
                heard.append((number, grounded))
    decisions, repeated = without_duplicates(heard)
    rejected += (RejectedDraft(decision.draft, REPEATED) for decision in repeated)
    reasons = tuple(reason for part, answer in told for reason in _gaps(part, answer))
    return Outcome(
        decisions=tuple(decisions),
        rejected=tuple(rejected),
        usage=usage,
        cost_usd=cost,
        parts=len(told),
        status=RunStatus.PARTIAL if reasons else RunStatus.COMPLETE,
        reasons=reasons,
        extractor=extractor,
        model=model,
        prompt_version=prompt_version,
    )


def _ask(
    parts: list[Part],
    meeting: Meeting,
    extractor: Extractor,
    parallel: int,
    on_part: Callable[[], None],
    heartbeat: float,
) -> tuple[list[tuple[Part, Answer]], Usage]:
    """The answer to every part, in order, and the tokens of all calls.

    A part whose answer was cut is asked again as two halves, down to a single turn.
    """
    told, usage = [], Usage()
    pool = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="extraction")
    asked: dict[Future[Answer], Part] = {}

    def ask(*several: Part) -> None:
        asked.update({pool.submit(extractor.extract, p.turns, meeting): p for p in several})

    try:
        ask(*parts)
        while asked:
            ended, _ = wait(asked, timeout=heartbeat, return_when=FIRST_COMPLETED)
            on_part()
            for future in ended:
                part, answer = asked.pop(future), future.result()
                usage += answer.usage
                if answer.truncated and len(part.turns) > 1:
                    ask(*halve(part))
                else:
                    told.append((part, answer))
    except ExtractionError as error:
        error.usage += usage
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return sorted(told, key=lambda item: item[0].turns[0].char_start), usage


def _ground(draft: Draft, index: TranscriptIndex) -> GroundedDecision | RejectedDraft:
    if not draft.statement.strip():
        return RejectedDraft(draft, NO_STATEMENT)
    try:
        evidence = ground(draft.quotes, index)
    except UngroundedError as error:
        return RejectedDraft(draft, str(error))
    return GroundedDecision(draft, evidence, *confidence(draft))


def _gaps(part: Part, answer: Answer) -> Iterator[str]:
    """What is missing from the answer to a part, in words for people."""
    first, last = part.turns[0].index + 1, part.turns[-1].index + 1
    if answer.truncated:
        yield f"the answer about turn {first} was cut short even with that turn alone"
    if len(answer.drafts) > MAX_DRAFTS_PER_PART:
        left = len(answer.drafts) - MAX_DRAFTS_PER_PART
        yield f"turns {first} to {last} gave {left} drafts beyond {MAX_DRAFTS_PER_PART}, left out"
