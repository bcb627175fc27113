"""Looking quotes up in a transcript: what stands there becomes evidence, what doesn't is refused.

A quote is looked for in two readings of the transcript. The first folds case, spaces, punctuation,
curly quotes, NFC and NFD. The second also folds what a careful hand changes without changing a
word: hesitations ("um"), stuttered words, the spellings of `spelling.py`, and accents where one
side was written without any. Neither drops or changes a content word, a number or a negation.
What is stored is the transcript's own text, never the quote as it was given.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from io import StringIO
from itertools import accumulate, islice

from decisionlog.extraction.drafts import Evidence, Quote
from decisionlog.extraction.spelling import canonical
from decisionlog.extraction.words import (
    fillers,
    fold,
    has_content,
    is_negation,
    is_number,
    keys,
    matches,
    without_accents,
)
from decisionlog.transcripts.transcript import Transcript

MAX_QUOTE_WORDS = 600
BLOCK = 4096
SHORT_QUOTE_WORDS = 3
SUPPORT_TURNS = 10
CONTEXT_WORDS = 20
NEGATION_REACH = 3

NO_QUOTE = "it came without a quote"
NOT_FOUND = "its quote does not stand in the transcript"
TOO_SHORT = "its quote is too short to show a decision"
TOO_LONG = f"its quote is longer than {MAX_QUOTE_WORDS} words"


class UngroundedError(ValueError):
    """The quotes of a draft show nothing. Its text says why, as one of the reasons above."""


class _Reading:
    """A transcript's words under one way of reading them, as one string to search.

    `words` are the words as they are read, `numbers` which ones of the transcript they are; it may
    still grow while they come.
    """

    def __init__(self, words: Iterable[str], numbers: Sequence[int], separator: str):
        self._separator = separator
        self._numbers = numbers
        self._offsets = array("I")
        text, offset, width = StringIO(), len(separator), len(separator)
        text.write(separator)
        words = iter(words)
        # In blocks: a list of all the words of 10 MB of speech would hold 30 MB of pointers.
        while block := list(islice(words, BLOCK)):
            self._offsets.extend(accumulate((len(w) + width for w in block), initial=offset))
            offset = self._offsets.pop()
            text.write(separator.join(block))
            text.write(separator)
        self._offsets.append(offset)
        self._text = text.getvalue()

    def find(self, words: Sequence[str], near: int) -> list[tuple[int, int]]:
        """(first, last) word of the nearest occurrences: up to one from the word `near` on, and
        up to one that begins before it."""
        needle = self._separator + self._separator.join(words) + self._separator
        pivot = bisect_left(self._numbers, near)
        found = [self._search(needle, pivot), self._search_back(needle, pivot - 1)]
        return [span for span in found if span]

    # Both searches go on from the next word, not the next letter: the reading without separators
    # has many places where letters match and words don't.

    def _search(self, needle: str, word: int) -> tuple[int, int] | None:
        while word < len(self._numbers):
            at = self._text.find(needle, self._offsets[word] - len(self._separator))
            if at < 0:
                return None
            if span := self._words_at(at, len(needle)):
                return span
            word = bisect_right(self._offsets, at + len(self._separator))
        return None

    def _search_back(self, needle: str, word: int) -> tuple[int, int] | None:
        while word >= 0:
            latest = self._offsets[word] - len(self._separator)
            at = self._text.rfind(needle, 0, latest + len(needle))
            if at < 0:
                return None
            if span := self._words_at(at, len(needle)):
                return span
            word = bisect_left(self._offsets, at + len(self._separator)) - 1
        return None

    def _words_at(self, at: int, length: int) -> tuple[int, int] | None:
        """The words that fill `length` characters exactly; None when one is cut at a border."""
        start = at + len(self._separator)
        first = bisect_left(self._offsets, start)
        after = bisect_left(self._offsets, at + length)
        if self._offsets[first] != start or self._offsets[after] != at + length:
            return None
        return self._numbers[first], self._numbers[after - 1]


class TranscriptIndex:
    """A transcript made ready for looking up any number of quotes."""

    def __init__(self, transcript: Transcript):
        self.transcript = transcript
        self._starts = array("I")
        self._ends = array("I")
        self._first_words = array("I")
        # Most words of a meeting have been said in it before.
        known: dict[str, str] = {}
        folded = []
        for turn in transcript.turns:
            self._first_words.append(len(folded))
            said = list(matches(transcript.text, turn.char_start, turn.char_end))
            self._starts.extend([match.start() for match in said])
            self._ends.extend([match.end() for match in said])
            words = [match[0] for match in said]
            known |= {word: fold(word) for word in words if word not in known}
            folded += [known[word] for word in words]
        self._first_words.append(len(folded))
        self._plain = _Reading(folded, range(len(folded)), " ")
        self._fillers = fillers(folded)
        self._keys = folded

    @cached_property
    def _loose(self) -> _Reading:
        """Made only when a quote asks for it: most stand in the plain reading."""
        numbers = array("I")

        def words() -> Iterator[str]:
            for number, word in _respelled(enumerate(self._keys), self._fillers):
                numbers.append(number)
                yield without_accents(word)

        return _Reading(words(), numbers, "")

    def find(self, quote: Quote) -> tuple[Evidence, ...]:
        """The passages where a quote stands, one for each turn that it crosses, () if nowhere.

        Of several occurrences it is the one that begins nearest to the turn `quote.turn`.
        """
        words = keys(quote.text)
        near = self._first_word(quote.turn)
        found = self._plain.find(words, near) if words else []
        hinted = any(quote.turn in (None, self._turn_of(first)) for first, _ in found)
        if not hinted:
            found += self._find_loosely(words, near)
        nearest = min(found, key=lambda span: self._distance(span, quote.turn), default=None)
        return self._evidence(*nearest) if nearest else ()

    def unmistakable(self, evidence: Evidence) -> Evidence:
        """A passage as it can't be misread: with the "not" that stands up to three words before it
        in its sentence, and with up to twenty words of its turn on either side when its words are
        said elsewhere too, so that whoever looks for it finds this place."""
        first = bisect_left(self._starts, evidence.start)
        last = bisect_left(self._ends, evidence.end)
        position = self._turn_of(first)
        earliest, latest = self._first_words[position], self._first_words[position + 1] - 1
        first = self._with_negation(first, earliest)
        words = self._keys[first : last + 1]
        places = {*self._plain.find(words, first), *self._plain.find(words, first + 1)}
        if len(places) > 1:
            first = max(first - CONTEXT_WORDS, earliest)
            last = min(last + CONTEXT_WORDS, latest)
        return self._passage(position, first, last)

    def _with_negation(self, first: int, earliest: int) -> int:
        for word in range(first - 1, max(earliest, first - NEGATION_REACH) - 1, -1):
            between = self.transcript.text[self._ends[word] : self._starts[word + 1]]
            if any(mark in between for mark in ".?!;:"):
                break
            if is_negation(self._keys[word]):
                return word
        return first

    def _find_loosely(self, words: list[str], near: int) -> list[tuple[int, int]]:
        wanted = self._respelled(words)
        if not wanted:
            return []
        found = self._loose.find([without_accents(word) for word in wanted], near)
        return [self._tight(span) for span in found if self._same_accents(wanted, span)]

    def _tight(self, span: tuple[int, int]) -> tuple[int, int]:
        """A span without the stutter at its start, which may be another speaker's word."""
        first, last = span
        words = enumerate(self._keys[first : last + 1], first)
        said = list(_respelled(words, self._fillers))
        second = said[1][0] if len(said) > 1 else last + 1
        spoken = (i for i in range(first, second) if self._keys[i] not in self._fillers)
        return max(spoken), last

    def _distance(self, span: tuple[int, int], turn: int | None) -> int:
        return abs(self._turn_of(span[0]) - (turn or 0))

    def _respelled(self, words: Sequence[str]) -> list[str]:
        return [word for _, word in _respelled(enumerate(words), self._fillers)]

    def _same_accents(self, wanted: list[str], span: tuple[int, int]) -> bool:
        """Whether accents agree, or one side was clearly written without any.

        That is a transcript with no accent anywhere, or a quote with none that has made a word
        the transcript doesn't know ("nao"). "E" alone for "é" may be another word.
        """
        said = self._keys[span[0] : span[1] + 1]
        ours, theirs = "".join(wanted), "".join(self._respelled(said))
        if ours == theirs or not self._accented:
            return True
        bare = {without_accents(key) for key in said} - set(said)
        return ours == without_accents(ours) and not bare <= self._vocabulary

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self._keys)

    @cached_property
    def _accented(self) -> bool:
        return any(key != without_accents(key) for key in self._vocabulary)

    def _first_word(self, turn: int | None) -> int:
        if turn is None or not 0 <= turn < len(self.transcript.turns):
            return 0
        return self._first_words[turn]

    def _turn_of(self, word: int) -> int:
        return bisect_right(self._first_words, word) - 1

    def _evidence(self, first: int, last: int) -> tuple[Evidence, ...]:
        """One passage a turn: the one of most words first, the others after it in order."""
        passages = []
        for position in range(self._turn_of(first), self._turn_of(last) + 1):
            start_word = max(first, self._first_words[position])
            end_word = min(last, self._first_words[position + 1] - 1)
            if start_word <= end_word:
                passages.append((end_word - start_word, position, start_word, end_word))
        main = max(passages, key=lambda p: (p[0], -p[1]))
        ordered = [main, *(p for p in passages if p is not main)]
        return tuple(self._passage(position, start, end) for _, position, start, end in ordered)

    def _passage(self, position: int, first: int, last: int) -> Evidence:
        start, end = self._starts[first], self._ends[last]
        text = self.transcript.text[start:end]
        return Evidence(text, self.transcript.turns[position], start, end)


def _respelled(
    words: Iterable[tuple[int, str]], hesitations: frozenset[str]
) -> Iterator[tuple[int, str]]:
    """Numbered words in canonical spelling, without hesitations and stutter ("the the" is "the").

    A number or negation said twice stays twice: "two two" may be 22. Cutting a piece out of the
    words and then reading it gives the same as reading first, so a quote may begin or end anywhere.
    """
    previous = None
    for number, key in words:
        if key in hesitations:
            continue
        word = canonical(key)
        if word != previous or is_number(key) or is_negation(key):
            yield number, word
        previous = word


def ground(quotes: Sequence[Quote], index: TranscriptIndex) -> tuple[Evidence, ...]:
    """The evidence of a draft's quotes; the first is the passage that settles the decision.

    The first quote must stand in the transcript; further ones that don't are left out. A first
    quote of one or two words that says nothing by itself ("yes", "agreed") counts only beside a
    longer one of the same draft within ten turns, which then leads. The leading passage is widened
    within its turn where it could be misread. Raises UngroundedError.
    """
    if not quotes:
        raise UngroundedError(NO_QUOTE)
    if len(keys(quotes[0].text)) > MAX_QUOTE_WORDS:
        raise UngroundedError(TOO_LONG)
    found = [index.find(quote) for quote in quotes]
    if not found[0]:
        raise UngroundedError(NOT_FOUND)
    if _says_nothing(found[0], quotes[0].turn):
        found.insert(0, _support(found[0], found[1:]))
    lead, *others = (evidence for group in found for evidence in group)
    passages = [index.unmistakable(lead), *others]
    return tuple({(e.start, e.end): e for e in passages}.values())


def _says_nothing(passages: tuple[Evidence, ...], turn: int | None) -> bool:
    words = [key for evidence in passages for key in keys(evidence.quote)]
    if len(words) >= SHORT_QUOTE_WORDS:
        return False
    return not has_content(words) or passages[0].turn.index != turn


def _support(
    short: tuple[Evidence, ...], others: list[tuple[Evidence, ...]]
) -> tuple[Evidence, ...]:
    for passages in others:
        near = passages and abs(passages[0].turn.index - short[0].turn.index) <= SUPPORT_TURNS
        if near and not _says_nothing(passages, None):
            return passages
    raise UngroundedError(TOO_SHORT)
