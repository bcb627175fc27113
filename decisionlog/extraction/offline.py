"""Decisions without a network: a linear model over cue phrases, learned from real meetings.

Each turn gets a score; the best ones that do not crowd each other become drafts. How the weights
were made and how well this works is told in docs/extraction.md.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from decisionlog.extraction import offline_wording as wording
from decisionlog.extraction.drafts import Answer, Draft, Meeting, Quote
from decisionlog.extraction.offline_cues import families, fold
from decisionlog.extraction.offline_features import content_words, features, words
from decisionlog.transcripts.transcript import Turn

WEIGHTS = Path(__file__).with_name("offline_weights.json")

APART = 2
"""Turns between two drafts: what is said again at once is the same decision."""
SHORTEST = 5
"""Words that a turn needs to be quoted."""
WORDS_PER_DRAFT = 700
"""How often decisions fall: one in so many words, whatever their scores."""
LOOK_BACK = 3
WHOLE = 30
"""Words up to which a turn is quoted whole."""
TELLING = 3
"""Content words without which a sentence does not say what was decided."""
SURE = 0.6
"""No draft of this extractor is more certain than this."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: `bias` and a weight for each named feature.

    `certain` is the probability from which a turn is drafted however many others there are.
    """

    version: str
    bias: float
    certain: float
    features: Mapping[str, float]

    def probability(self, values: Mapping[str, float]) -> float:
        score = self.bias + sum(
            self.features.get(name, 0.0) * value for name, value in values.items()
        )
        return 1 / (1 + math.exp(-score))


@cache
def shipped_weights() -> Weights:
    content = json.loads(WEIGHTS.read_text("utf-8"))
    return Weights(**{name: content[name] for name in ("version", "bias", "certain", "features")})


class OfflineExtractor:
    """An `Extractor` that needs no key, no network and no memory to speak of."""

    name = "offline"
    prompt_version = None
    input_tokens = None

    def __init__(self, weights: Weights | None = None):
        self._weights = weights or shipped_weights()
        self.model = self._weights.version

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        """Drafts in the order of the meeting; `meeting` is not looked at."""
        lengths = [len(words(turn.text)) for turn in turns]
        odds = [self._weights.probability(values) for values in features(turns)]
        tongue = wording.language(turn.text for turn in turns)
        chosen = self._choose(odds, lengths)
        return Answer(tuple(self._draft(turns, at, odds[at], tongue) for at in sorted(chosen)))

    def _choose(self, odds: Sequence[float], lengths: Sequence[int]) -> list[int]:
        """The likeliest turns, none within `APART` of a likelier one."""
        expected = round(sum(lengths) / WORDS_PER_DRAFT)
        chosen: list[int] = []
        for at in sorted(range(len(odds)), key=lambda at: -odds[at]):
            if len(chosen) >= expected and odds[at] < self._weights.certain:
                break
            if lengths[at] >= SHORTEST and all(abs(at - other) > APART for other in chosen):
                chosen.append(at)
        return chosen

    def _draft(self, turns: Sequence[Turn], at: int, odds: float, tongue: str) -> Draft:
        quotes = [self._quote(turns[at])]
        if len(content_words(quotes[0].text)) < TELLING:
            quotes += self._proposal_before(turns, at)
        texts = [quote.text for quote in quotes]
        return Draft(
            statement=wording.plain(max(texts, key=lambda text: len(content_words(text))), tongue),
            quotes=tuple(quotes),
            discipline=wording.discipline([*texts, turns[at].text]),
            why=wording.reason([*texts, turns[at].text], tongue),
            confidence=round(min(SURE, odds), 2),
        )

    def _quote(self, turn: Turn) -> Quote:
        """The whole turn when it is short, else the sentence that sounds most like a decision."""
        if len(words(turn.text)) <= WHOLE:
            return Quote(turn.text, turn.index)
        return Quote(max(wording.sentences(turn.text), key=self._sound), turn.index)

    def _sound(self, sentence: str) -> float:
        cues = sum(
            self._weights.features.get(f"own:{name}", 0.0) for name in families(fold(sentence))
        )
        return cues + min(len(content_words(sentence)), TELLING)

    def _proposal_before(self, turns: Sequence[Turn], at: int) -> list[Quote]:
        """What a bare agreement agrees to: the nearest turn before it that has content."""
        for turn in reversed(turns[max(0, at - LOOK_BACK) : at]):
            if len(content_words(turn.text)) >= TELLING:
                return [self._quote(turn)]
        return []
