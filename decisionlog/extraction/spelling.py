"""Different spellings of the same words, as people and speech recognition write them.

Only spellings whose words are the same are equal here: British and American endings, contractions
written out, compounds in one word or two. Words that merely look or sound alike ("steel" and
"steal", "fifteen" and "fifty") are other words, so there is no edit distance in this file.
"""

import re
from functools import lru_cache

from decisionlog.extraction.words import is_negation, is_number

_WRITTEN_OUT = {
    "gonna": "goingto",
    "wanna": "wantto",
    "gotta": "gotto",
    "ok": "okay",
    "alright": "allright",
    "programme": "program",
    "grey": "gray",
    "kerb": "curb",
    "storey": "story",
    "storeys": "stories",
    "aluminium": "aluminum",
    "tyre": "tire",
    "tyres": "tires",
    "mould": "mold",
    "plough": "plow",
    "cheque": "check",
    "licence": "license",
    "defence": "defense",
    "catalogue": "catalog",
    "dialogue": "dialog",
    "judgement": "judgment",
}
_NEGATED = {"won't": "will", "can't": "can", "shan't": "shall", "ain't": "ain"}
_NEGATED |= {"wont": "will", "cant": "can", "cannot": "can"}
_ENDINGS = (
    (re.compile(r"'ll$"), "will"),
    (re.compile(r"'re$"), "are"),
    (re.compile(r"'ve$"), "have"),
    (re.compile(r"'m$"), "am"),
    (re.compile(r"(?<=[a-z]{3})our(?=(?:s|ed|ing|ful|less|able|ite|ites)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ers|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})ys(?=(?:e|es|ed|ing)$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z]{4})ll(?=(?:ed|ing|er|ers)$)"), "l"),
)


@lru_cache(maxsize=65536)
def canonical(key: str) -> str:
    """A folded word in the one spelling that its variants share, to be compared without spaces.

    Numbers and negations come between bars, so that "no table" is not "notable", "now here" not
    "nowhere" and "2 5" not "25" once the spaces are gone.
    """
    if is_negation(key):
        return _negation(key)
    if is_number(key):
        return f"|{key}|"
    word = _WRITTEN_OUT.get(key, key)
    for pattern, replacement in _ENDINGS:
        word = pattern.sub(replacement, word)
    return word.replace("'", "")


def _negation(key: str) -> str:
    positive = _NEGATED.get(key)
    if positive is None and key.endswith("n't"):
        positive = key[:-3]
    if positive is None and key.endswith("nt"):
        positive = key[:-2]
    return f"{positive}|not|" if positive else f"|{key}|"
