"""How well predicted decisions match annotated ones.

A quote is located in the transcript after folding case, space and punctuation; it may cross
turns. The figures:

- grounded: share of predictions whose quote stands in the transcript;
- who: share of the grounded whose `who` speaks in a quoted turn;
- when: share of the grounded whose `timestamp` is within 30 s of the start of a quoted turn;
- precision: share of predictions quoted within 2 turns of the evidence of any decision;
- recall: share of decisions matched one to one with predictions that near; a decision without
  evidence is matched by its wording alone (word overlap of 0.5 or more);
- f1: of precision and recall; f1_11: the same with found / predicted as precision, so that many
  quotes near one decision don't count as many findings;
- wording: mean word overlap of the matched statements.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.extraction.meetings import AnnotatedMeeting, Decision
from decisionlog.transcripts.transcript import Turn

WINDOW = 2
SAME_WORDING = Fraction(1, 2)
SECONDS = 30

_GAP = re.compile(r"\W+")
_STAMP = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})(?:\.\d+)?")
_FUNCTION_WORDS = (
    "the a an of to in on for and or will be is are it that this with as by at from not have has "
    "was were should must they we"
)
_EMPTY = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True, slots=True)
class Prediction:
    """`timestamp` is `HH:MM:SS` or None where the source has no times."""

    statement: str
    quote: str
    who: str
    timestamp: str | None


def score_meeting(meeting: AnnotatedMeeting, predictions: Sequence[Prediction]) -> Counter[str]:
    """What the figures are made of; the counts of several meetings may be added up."""
    located = _locate_all(meeting.transcript.turns, predictions)
    edges = [
        [at for at, turns in enumerate(located) if _shows(predictions[at], turns, decision)]
        for decision in meeting.decisions
    ]
    pairs = _match(
        [
            sorted(hits, key=lambda at: -_overlap(decision.statement, predictions[at].statement))
            for hits, decision in zip(edges, meeting.decisions, strict=True)
        ]
    )
    grounded = [(p, turns) for p, turns in zip(predictions, located, strict=True) if turns]
    return Counter(
        gold=len(meeting.decisions),
        predicted=len(predictions),
        grounded=len(grounded),
        who=sum(_spoke(prediction, turns) for prediction, turns in grounded),
        when=sum(_timed(prediction, turns) for prediction, turns in grounded),
        correct=len({at for hits in edges for at in hits}),
        found=len(pairs),
        wording=sum(
            _overlap(meeting.decisions[gold].statement, predictions[at].statement)
            for gold, at in pairs.items()
        ),
    )


def figures(counts: Counter[str]) -> dict[str, float | None]:
    """The figures of the docstring above; None where there is nothing to take a share of."""
    precision = _share(counts["correct"], counts["predicted"])
    recall = _share(counts["found"], counts["gold"])
    return {
        "precision": precision,
        "recall": recall,
        "f1": _f1(precision, recall),
        "f1_11": _f1(_share(counts["found"], counts["predicted"]), recall),
        "grounded": _share(counts["grounded"], counts["predicted"]),
        "who": _share(counts["who"], counts["grounded"]),
        "when": _share(counts["when"], counts["grounded"]),
        "wording": _share(counts["wording"], counts["found"]),
    }


def is_near(turns: Iterable[int], evidence: Collection[int], window: int = WINDOW) -> bool:
    return any(abs(turn - place) <= window for turn in turns for place in evidence)


def _locate_all(turns: Sequence[Turn], predictions: Sequence[Prediction]) -> list[tuple[Turn, ...]]:
    """The turns that hold each prediction's quote, none where it does not stand."""
    spans, position = [], 0
    for turn in turns:
        length = len(_fold(turn.text))
        spans.append((position, position + length))
        position += length + 1
    text = f" {' '.join(_fold(turn.text) for turn in turns)} "

    def locate(quote: str) -> tuple[Turn, ...]:
        needle = _fold(quote)
        start = text.find(f" {needle} ") if needle else -1
        if start < 0:
            return ()
        end = start + len(needle)
        return tuple(t for t, (a, b) in zip(turns, spans, strict=True) if a < end and b > start)

    return [locate(prediction.quote) for prediction in predictions]


def _shows(prediction: Prediction, turns: Sequence[Turn], decision: Decision) -> bool:
    if decision.evidence:
        return is_near((turn.index for turn in turns), decision.evidence)
    return _overlap(decision.statement, prediction.statement) >= SAME_WORDING


def _spoke(prediction: Prediction, turns: Sequence[Turn]) -> bool:
    return _fold(prediction.who) in {_fold(turn.speaker) for turn in turns}


def _timed(prediction: Prediction, turns: Sequence[Turn]) -> bool:
    stamp = _STAMP.fullmatch((prediction.timestamp or "").strip())
    if not stamp:
        return False
    hours, minutes, seconds = (int(part or 0) for part in stamp.groups())
    said = hours * 3600 + minutes * 60 + seconds
    return any(turn.start is not None and abs(turn.start - said) <= SECONDS for turn in turns)


def _match(edges: Sequence[Sequence[int]]) -> dict[int, int]:
    """A largest one-to-one matching, as left -> right, by augmenting paths (Kuhn 1955)."""
    left_of: dict[int, int] = {}

    def augment(left: int, seen: set[int]) -> bool:
        for right in edges[left]:
            if right not in seen:
                seen.add(right)
                if right not in left_of or augment(left_of[right], seen):
                    left_of[right] = left
                    return True
        return False

    for left in range(len(edges)):
        augment(left, set())
    return {left: right for right, left in left_of.items()}


def _fold(text: str) -> str:
    return _GAP.sub(" ", text.casefold()).strip()


def _words(text: str) -> frozenset[str]:
    return frozenset(_fold(text).split()) - _EMPTY


def _overlap(one: str, other: str) -> Fraction:
    """The F1 of two texts' words."""
    left, right = _words(one), _words(other)
    return Fraction(2 * len(left & right), max(1, len(left) + len(right)))


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _f1(precision: float | None, recall: float | None) -> float:
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)
