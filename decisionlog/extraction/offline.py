"""Decisions without a network: a linear model over cue phrases, learned from real meetings.

Every turn gets a score; the best ones that don't crowd each other become drafts. How the weights
were made and how well this works is told in docs/extraction.md.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from decisionlog.extraction import offline_wording as wording
from decisionlog.extraction.drafts import Answer, Draft, Meeting, Quote
from decisionlog.extraction.offline_cues import families, fold
from decisionlog.extraction.offline_features import content_words, features, words
from decisionlog.transcripts.transcript import Turn

WEIGHTS = Path(__file__).with_name("offline_weights.json")

APART = 3
"""Turns to either side of a drafted one that give no draft: it is the same matter again."""
SHORTEST = 5
"""Words that a turn, or a sentence of a longer turn, needs to be quoted."""
WORDS_PER_DRAFT = 15
"""A long turn may settle several things, at most one in so many words..."""
NEXT_IN_TURN = 0.5
"""...each next one at this much less of a score, and only in words that settle something."""
SETTLING = frozenset(("decided", "choose", "rule_out", "conclude", "will", "must", "limit"))
WHOLE = 30
"""Words up to which a turn is quoted whole."""
TELLING = 3
"""Content words without which a sentence doesn't say what was decided."""
LOOK_BACK = 3
"""Turns before a bare agreement in which to look for what it agrees to."""
SUREST = 0.6
"""No draft of this extractor is more certain than this."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model. A turn's score is `bias` plus its features times their weights; turns with
    a score of at least `least` are drafted. `offset + slope * score` is the log odds that
    a draft is right.
    """

    version: str
    bias: float
    least: float
    offset: float
    slope: float
    features: Mapping[str, float]

    def score(self, values: Mapping[str, float]) -> float:
        return self.bias + sum(
            self.features.get(name, 0.0) * value for name, value in values.items()
        )

    def confidence(self, score: float) -> float:
        return min(SUREST, 1 / (1 + math.exp(-self.offset - self.slope * score)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that might settle something: `turn` is a position, not an index."""

    turn: int
    score: float
    quote: Quote


@cache
def shipped_weights() -> Weights:
    content = json.loads(WEIGHTS.read_text("utf-8"))
    del content["credit"]
    return Weights(**content)


class OfflineExtractor:
    """An `Extractor` that needs no key, no network and no memory to speak of."""

    name = "offline"
    prompt_version = None
    input_tokens = None

    def __init__(self, weights: Weights | None = None):
        self._weights = weights or shipped_weights()
        self.model = self._weights.version

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        """Drafts in order of time; `meeting` is not looked at."""
        tongue = wording.language(turn.text for turn in turns)
        chosen = [c for c in self.candidates(turns) if c.score >= self._weights.least]
        chosen.sort(key=lambda candidate: candidate.turn)
        return Answer(tuple(self._draft(turns, candidate, tongue) for candidate in chosen))

    def candidates(self, turns: Sequence[Turn]) -> Iterator[Candidate]:
        """Everything that could be drafted, turns with a higher score first."""
        scores = [self._weights.score(values) for values in features(turns)]
        taken: set[int] = set()
        for at in sorted(range(len(turns)), key=lambda at: -scores[at]):
            length = len(words(turns[at].text))
            if length < SHORTEST or taken.intersection(range(at - APART, at + APART + 1)):
                continue
            taken.add(at)
            for rank, text in enumerate(self._passages(turns[at].text, length)):
                yield Candidate(at, scores[at] - rank * NEXT_IN_TURN, Quote(text, turns[at].index))

    def _passages(self, text: str, length: int) -> list[str]:
        """A short turn as it is, of a longer one the sentences that sound most like decisions."""
        if length <= WHOLE:
            return [text]
        sentences = [s for s in wording.sentences(text) if len(words(s)) >= SHORTEST] or [text]
        first, *others = sorted(sentences, key=self._sound, reverse=True)
        others = [sentence for sentence in others if families(fold(sentence)) & SETTLING]
        return [first, *others][: max(1, length // WORDS_PER_DRAFT)]

    def _sound(self, sentence: str) -> float:
        cues = sum(
            self._weights.features.get(f"own:{name}", 0.0) for name in families(fold(sentence))
        )
        return cues + min(len(content_words(sentence)), TELLING)

    def _draft(self, turns: Sequence[Turn], candidate: Candidate, tongue: str) -> Draft:
        quotes = [candidate.quote]
        if len(content_words(candidate.quote.text)) < TELLING:
            quotes += self._proposal_before(turns, candidate.turn)
        texts = [quote.text for quote in quotes]
        return Draft(
            statement=wording.plain(max(texts, key=lambda text: len(content_words(text))), tongue),
            quotes=tuple(quotes),
            discipline=wording.discipline([*texts, turns[candidate.turn].text]),
            why=wording.reason(texts, tongue),
            confidence=round(self._weights.confidence(candidate.score), 2),
        )

    def _proposal_before(self, turns: Sequence[Turn], at: int) -> list[Quote]:
        """What a bare agreement agrees to: the nearest turn before it that has content."""
        for turn in reversed(turns[max(0, at - LOOK_BACK) : at]):
            if len(content_words(turn.text)) >= TELLING:
                passages = self._passages(turn.text, len(words(turn.text)))
                return [Quote(passages[0], turn.index)]
        return []
