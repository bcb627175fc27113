"""Words as grounding compares them: where they stand in a text, and which of them carry weight."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

# One match is one word. A number keeps its sign, currency, decimals and per cent sign, and a
# contraction its apostrophe, so that folding punctuation away can never turn "2.5 m" into
# "2 5 m", "-5" into "5" or "we'll" into "we ll". Combining marks belong to their letter (NFD).
_LETTERS = r"\w[\w\u0300-\u036f]*"
_WORD = re.compile(
    rf"(?:(?:(?<=\s)|(?<=\()|^)[-−+](?=[$€£¥]?\d))?[$€£¥]?{_LETTERS}"
    rf"(?:(?:['’ʼ]|(?<=\d)[.,:/](?=\d)){_LETTERS}){{0,20}}(?:(?<=\d)\s?[%‰°])?"
)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "−": "-"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    "no not never none nothing nobody nowhere neither nor without cannot cant dont wont isnt arent "
    "wasnt werent doesnt didnt hasnt havent hadnt wouldnt shouldnt couldnt mustnt neednt aint "
    "não nunca nem sem nenhum nenhuma nenhuns nenhumas nada ninguém jamais tampouco"
)
NUMBERS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion half quarter double triple once twice dozen first second "
    "third fourth fifth sixth seventh eighth ninth tenth um uma dois duas três quatro cinco seis "
    "sete oito nove dez onze doze treze catorze quatorze quinze dezasseis dezesseis dezassete "
    "dezessete dezoito dezanove dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta "
    "noventa cem cento duzentos duzentas trezentos trezentas quatrocentos quinhentos seiscentos "
    "setecentos oitocentos novecentos mil milhão milhões meio meia metade dobro dúzia primeiro "
    "primeira segundo segunda terceiro terceira quarto quarta quinto quinta"
)
_FILLERS = _words("uh uhm umm er erm hm hmm mm mmm ah eh hã ãh ahn éh")
_ENGLISH = _words("the and of is to it we that")
_PORTUGUESE = _words("que não uma para são está você nós é")

# Words that say nothing of what was decided when they stand alone.
_EMPTY = _words(
    "yes yeah yep yup ok okay right sure fine good great alright exactly agreed absolutely "
    "definitely so well and but or the a an i you we he she it they this that these those is are "
    "was were be do does did will would can could shall should may might let's lets go on in at of "
    "to for with as then now there here mm-hmm mmhmm sim claro certo bem ok tá está então e ou mas "
    "o a os as eu tu ele ela nós isto isso esse essa este esta é são de do da em na para com "
    "pronto combinado exato exatamente perfeito"
)


def matches(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The words of `text[start:end]`, with their places in `text`."""
    return _WORD.finditer(text, start, end)


def fold(word: str) -> str:
    """A word without the differences that don't matter: case, NFC or NFD, curly apostrophes."""
    if word.isascii():
        return "".join(word.lower().split())
    folded = unicodedata.normalize("NFC", word).translate(_APOSTROPHES).casefold()
    return unicodedata.normalize("NFC", "".join(folded.split()))


def keys(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [fold(match[0]) for match in _WORD.finditer(text)]


def without_accents(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def is_number(key: str) -> bool:
    return key in NUMBERS or any(c.isdigit() for c in key)


def is_negation(key: str) -> bool:
    return key in NEGATIONS or key.endswith("n't") or key == "nao"


def is_empty(key: str) -> bool:
    """Whether a folded word only holds a sentence together or agrees: "the", "will", "yes"."""
    return key in _EMPTY or key in _FILLERS


def has_content(words: Iterable[str]) -> bool:
    """Whether any of the folded words says something by itself, unlike "yes" or "we will"."""
    return any(not is_empty(w) and (len(w) > 2 or w[0].isdigit()) for w in words)


def fillers(words: Iterable[str]) -> frozenset[str]:
    """The sounds of hesitation in a text of these folded words.

    "Um" hesitates in English and is the number one in Portuguese, so it is left out wherever
    Portuguese is spoken at all.
    """
    said = Counter(words)
    english = sum(said[word] for word in _ENGLISH)
    portuguese = sum(said[word] for word in _PORTUGUESE)
    return _FILLERS if portuguese * 10 > english else _FILLERS | {"um"}
