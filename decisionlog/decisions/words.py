"""Words as search sees them, in English and Portuguese alike. Pure: no database.

Both databases store and find what is made here and analyse nothing themselves, so they find the
same. A word has a *form* (without case and accents) and a *key*, which its singular and plural
share. Keys name classes, they are not right singulars: `ligacao` and `ligacoes` meet in `ligaco`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LETTER = r"[\w\u0300-\u036f]"
# A number with its decimals, or a word with what makes it another one: C++, C#.
WORD = re.compile(rf"\d+(?:[.,]\d+)+(?!{LETTER})|{LETTER}+(?:[+#]+(?!{LETTER}))?")
PHRASE = re.compile(r'"([^"]*)"')
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»", '"'))
NOT_STORED = re.compile(r"[^\w+#.]")
WORD_MAX = 64
TERMS_MAX = 32
PREFIX_MIN = 2
CACHED = 20_000  # a meeting of two hours has some two thousand different words

# Articles, prepositions, pronouns and auxiliaries: they tell no decision from another.
STOP_WORDS = frozenset(
    """a about an and are as at be been but by can could did do does for from had has have he her
    him his how i if in into is it its me my no not of on or our she should so than that the their
    them then there these they this to us was we were what when which who will with would you your
    ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa esse
    esta este eu foi ha isso isto ja lhe mais mas me mesmo na nao nas nem no nos nossa nosso o os
    ou para pela pelas pelo pelos por qual quando que quem se sem ser seu sua sao so tambem te tem
    um uma vai vos""".split()
)


class Word(NamedTuple):
    """`start` and `end` are where it stands in the text it was read from."""

    form: str
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: every key, every phrase of keys, and a word that may go on.

    `prefix` is the word's form; its key counts as found too.
    """

    keys: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    prefix: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.keys or self.phrases or self.prefix)


def read(text: str) -> Iterator[Word]:
    """The words of a text in their order."""
    for match in WORD.finditer(text):
        if match[0] in "sS" and text[: match.start()].endswith(("'", "’")):
            continue  # client's, it's
        form = fold(match[0])
        if form:
            yield Word(form, key(form), match.start(), match.end())


@lru_cache(CACHED)
def fold(word: str) -> str:
    """Without case, accents and typographic variants: `Betão` as betao, `m²` as m2."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace(",", "."))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return NOT_STORED.sub("", plain)[:WORD_MAX]


@lru_cache(CACHED)
def key(form: str) -> str:
    """The class of a folded word: light stemming, number only.

    After the S-stemmer (Harman 1991, "How effective is suffixing?") and the plural step of the
    Portuguese RSLP stemmer (Orengo and Huyck 2001), joined so that no language must be known.
    """
    if form.endswith(("aos", "aes")) or (form.endswith("oes") and len(form) > 4):
        return form[:-3] + "o"
    if form.endswith("ao"):
        return form[:-2] + "o"
    if len(form) < 4 or not form.isalpha():
        return form
    if len(form) > 4 and form[-3:] in ("ais", "eis", "ois", "uis"):
        return form[:-2] + "l"
    if form.endswith("ies") and len(form) > 4:
        return form[:-2]
    return _singular(form[:-1] if _is_plural(form) else form)


def _is_plural(form: str) -> bool:
    return form.endswith("s") and not form.endswith(("ss", "us", "is"))


def _singular(form: str) -> str:
    """pilar and pilare, box and boxe, hous(e), jardin and jardim, city and citi(e) meet here."""
    if form.endswith("ie") and len(form) > 4:
        return form[:-1]
    if form.endswith("oe") and len(form) > 3:
        return form[:-1]
    if form.endswith("e") and len(form) > 3 and form[:-1] not in STOP_WORDS:
        return form[:-1]
    if form.endswith("y") and len(form) > 3:
        return form[:-1] + "i"
    if form.endswith(("em", "im", "om", "um")) and len(form) > 3:
        return form[:-1] + "n"
    return form


def parse(text: str) -> Query:
    """A query as people type it. Nothing in it is an operator: words are joined by and, words in
    quotation marks stand together, the last word may be the beginning of one. Stop words count
    only where there is nothing else."""
    text = text.translate(QUOTATION_MARKS)
    phrases = [tuple(word.key for word in read(phrase)) for phrase in PHRASE.findall(text)]
    phrases = [phrase[:TERMS_MAX] for phrase in phrases if phrase][:TERMS_MAX]
    loose = PHRASE.sub(' " ', text)
    found = list(read(loose))[:TERMS_MAX]
    telling = [word for word in found if word.form not in STOP_WORDS]
    if not telling:
        return Query((), tuple(phrases)) if phrases else Query(_keys(found))
    last = telling[-1]
    open_ended = last.end == len(loose.rstrip()) and len(last.form) >= PREFIX_MIN
    keys = _keys(telling[:-1] if open_ended else telling)
    return Query(keys, tuple(phrases), last.form if open_ended else None)


def _keys(found: list[Word]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.key for word in found))


def highlights(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the query's words stand in the text: (start, end) of characters, in order."""
    found = list(read(text))
    wanted = {*query.keys, *([key(query.prefix)] if query.prefix else [])}
    marked = {
        place
        for place, word in enumerate(found)
        if word.key in wanted or (query.prefix and word.form.startswith(query.prefix))
    }
    for phrase in query.phrases:
        for place in range(len(found) - len(phrase) + 1):
            if tuple(word.key for word in found[place : place + len(phrase)]) == phrase:
                marked.update(range(place, place + len(phrase)))
    return [(found[place].start, found[place].end) for place in sorted(marked)]
