"""Who speaks: what counts as a speaker's name, and where a line puts it."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

UNKNOWN = "Unknown"
LONGEST_NAME = 120

# Right-to-left names come wrapped in these, not always in the same way.
MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_SEPARATOR = re.compile(r":(?=(?:\*\*)?\s)|：")
_PARENTHESISED = re.compile(r"\([^()]*\)")
_NOT_A_START = re.compile(r"^[^\w(\[]+")
_HOLDS_A_TIME = re.compile(r"(?:^|[\[(])\d{1,10}:\d\d(?!\w)")

# What data and markup start with, and no spoken line does.
_NOT_SPEECH = tuple('{"<#|')


def _words(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split(" | "))


# Words before a colon that head a document or a remark, in English and in Portuguese.
_LABELS = _words(
    """
    action | action item | action items | actions | agenda | agora | also | assunto | atenção |
    attendees | but | cc | convidados | data | date | decision | decisions | decisão | decisões
    | depois | duration | duração | example | exemplo | first | from | fyi | highlights | hora |
    however | http | https | important | importante | invited | language | link | local |
    location | meeting | nb | next | no | nota | notas | note | notes | now | não | obs | ok |
    okay | options | ordem de trabalhos | participantes | participants | portanto | presentes |
    primeiro | ps | recording | reminder | resumo | reunião | second | segundo | sent | sim | so
    | started | subject | summary | terceiro | then | third | time | title | to | todo | topic |
    transcript | transcrição | título | update | url | warning | well | yes
    """
)
_NAMELESS = frozenset({"unknown", "unknown speaker", "unidentified speaker"})
_PARTICLES = _words(
    """
    al | and | bin | bint | da | das | de | del | den | der | di | do | dos | du | e | el |
    ibn | la | le | of | ten | ter | the | van | von | y
    """
)


def clean_name(raw: str) -> str:
    """`raw` as one line of at most 120 characters that a colon can end; `Unknown` for what cannot
    be a name (a URL, a label such as `Note`, a sentence). Cleaning twice changes nothing."""
    return _name(raw[: 4 * LONGEST_NAME]) or UNKNOWN


def names_somebody(raw: str) -> bool:
    """Whether `raw` can be a name, the senders' own words for `Unknown` among them."""
    return _name(raw) is not None


@lru_cache(maxsize=1024)  # a meeting has a handful of names, and a hundred thousand lines
def _name(raw: str) -> str | None:
    name = " ".join(MARKS.sub("", raw).split()).replace("：", ":")
    name = _NOT_A_START.sub("", re.sub(r":[*\s]*\s", ":", name))
    name = name[:LONGEST_NAME].rstrip(" :*")
    if not _may_be_a_name(name):
        return None
    return UNKNOWN if name.casefold() in _NAMELESS else name


def _may_be_a_name(name: str) -> bool:
    words = name.split()
    plain_words = [word for word in words if word[0].islower() and word not in _PARTICLES]
    return (
        any(character.isalpha() for character in name)
        and "//" not in name
        and not any(mark in name for mark in "?!;…")
        and not _HOLDS_A_TIME.search(name)
        and name.casefold() not in _LABELS
        and len(words) <= 10
        and len(plain_words) < 3
    )


def reads_as_a_name(name: str) -> bool:
    """Whether `name` is capitalised as a person's name is; scripts without case always are."""
    words = _PARENTHESISED.sub(" ", name).split()
    return 0 < len(words) <= 5 and all(
        not word[0].islower() or word in _PARTICLES for word in words
    )


def split_speaker(line: str) -> tuple[str, str] | None:
    """`Name: words` as (name, words); None where the line does not start with a possible name.

    The name ends at the first colon that white space (or the line's end) follows, so that
    `Re:Form Studio` and `http://…` keep theirs. Looks at the first 120 characters only.
    """
    if line.startswith(_NOT_SPEECH):
        return None
    head = line[: LONGEST_NAME + 2] if len(line) > LONGEST_NAME else f"{line} "
    separator = _SEPARATOR.search(head)
    if not separator:
        return None
    name = _name(head[: separator.start()])
    return (name, line[separator.end() :].removeprefix("**")) if name else None


def known_speakers(candidates: Iterable[str | None]) -> frozenset[str]:
    """The names among `candidates` to believe, one candidate (or None) for each place where a
    speaker may stand.

    When every place has one, all are names. Otherwise some of them are remarks with a colon
    (`One more thing: …`), and a name must recur or be written as one.
    """
    counts = Counter(candidates)
    everywhere = None not in counts
    return frozenset(
        name
        for name, count in counts.items()
        if name is not None and (everywhere or count > 1 or reads_as_a_name(name))
    )
