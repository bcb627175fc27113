"""The same extraction by batches: what is still to be asked, when answers come later.

Parts go by the place of their words in the transcript, so that an answer finds its part in any
process, and none where another release would cut the meeting elsewhere.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from decisionlog.extraction.chunking import Part, halve, split
from decisionlog.extraction.drafts import Answer, ExtractionError, PermanentError, Usage
from decisionlog.transcripts.transcript import Turn


@dataclass(frozen=True, slots=True)
class Progress:
    """`told` holds the parts that have their answer, in order; `missing` the turns of those that
    are to be asked, by name; `usage` what all answers took, also those that were cut."""

    told: tuple[tuple[Part, Answer], ...]
    missing: Mapping[str, tuple[Turn, ...]]
    usage: Usage


def progress(
    turns: tuple[Turn, ...],
    input_tokens: int | None,
    results: Mapping[str, Answer | ExtractionError],
) -> Progress:
    """How far the extraction of `turns` is, by what came of the parts that have been asked.

    A part whose answer was cut is to be asked again as two halves, down to a single turn. Raises
    the error among the results, the one that stays before the one that passes; it then has the
    usage of all.
    """
    answers = _answers(results)
    told, missing = [], {}
    parts = deque(split(turns, input_tokens))
    while parts:
        part = parts.popleft()
        answer = answers.get(name(part))
        if answer is None:
            missing[name(part)] = part.turns
        elif answer.truncated and len(part.turns) > 1:
            parts.extend(halve(part))
        else:
            told.append((part, answer))
    told.sort(key=lambda item: item[0].turns[0].char_start)
    return Progress(tuple(told), missing, _usage(results))


def name(part: Part) -> str:
    """`START-END`, characters of the transcript's text: within what a `custom_id` may be."""
    return f"{part.turns[0].char_start}-{part.turns[-1].char_end}"


def _answers(results: Mapping[str, Answer | ExtractionError]) -> dict[str, Answer]:
    failures = [result for result in results.values() if isinstance(result, ExtractionError)]
    if failures:
        failures.sort(key=lambda failure: not isinstance(failure, PermanentError))
        failures[0].usage = _usage(results)
        raise failures[0]
    return dict(results)


def _usage(results: Mapping[str, Answer | ExtractionError]) -> Usage:
    return sum((result.usage for result in results.values()), Usage())
