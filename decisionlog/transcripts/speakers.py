"""Who speaks: what counts as a speaker's name, and where a line puts it."""

import re
from collections import Counter
from collections.abc import Iterable

UNKNOWN = "Unknown"
LONGEST_NAME = 120

# Right-to-left names come wrapped in these, not always in the same way.
MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_SEPARATOR = re.compile(r":(?=\s)|：")
_PARENTHESISED = re.compile(r"\([^()]*\)")
_NOT_A_START = re.compile(r"^[^\w(\[]+")
_CLOCK = re.compile(r"[\[(]?\d{1,10}:\d\d(?!\w)")

# Words before a colon that head a document or a remark, in English and in Portuguese.
_LABELS = frozenset(
    (
        "action|action item|action items|actions|agenda|attendees|cc|date|decision|decisions|"
        "duration|example|from|fyi|highlights|http|https|important|invited|language|link|location|"
        "meeting|nb|note|notes|options|participants|ps|recording|reminder|sent|started|subject|"
        "summary|time|title|to|todo|topic|transcript|update|url|warning|"
        "assunto|atenção|convidados|data|decisão|decisões|duração|exemplo|hora|importante|local|"
        "nota|notas|obs|ordem de trabalhos|participantes|presentes|resumo|reunião|transcrição|"
        "título"
    ).split("|")
)
_NAMELESS = frozenset({"unknown", "unknown speaker", "unidentified speaker"})
_PARTICLES = frozenset(
    "al|and|bin|bint|da|das|de|del|den|der|di|do|dos|du|e|el|ibn|la|le|of|ten|ter|the|van|von|y".split(
        "|"
    )
)


def clean_name(raw: str) -> str:
    """`raw` as one line of at most 120 characters that a colon can end; `Unknown` for what cannot
    be a name (a URL, a label such as `Note`, a sentence). Cleaning twice changes nothing."""
    name = _tidy(raw)
    return name if _may_be_a_name(name) and name.casefold() not in _NAMELESS else UNKNOWN


def _tidy(raw: str) -> str:
    name = " ".join(MARKS.sub("", raw[: 4 * LONGEST_NAME]).split()).replace("：", ":")
    name = _NOT_A_START.sub("", re.sub(r":\s+", ":", name))
    return name[:LONGEST_NAME].rstrip(" :*")


def _may_be_a_name(name: str) -> bool:
    words = name.split()
    plain_words = [word for word in words if word[0].islower() and word not in _PARTICLES]
    return (
        any(character.isalpha() for character in name)
        and "//" not in name
        and not any(mark in name for mark in "?!;…")
        and not _CLOCK.match(name)
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
    head = line[: LONGEST_NAME + 2] if len(line) > LONGEST_NAME else f"{line} "
    separator = _SEPARATOR.search(head)
    if not separator:
        return None
    raw = head[: separator.start()]
    if not _may_be_a_name(_tidy(raw)):
        return None
    return clean_name(raw), line[separator.end() :].removeprefix("**")


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


def names_somebody(raw: str) -> bool:
    """Whether `raw` can be a name, the senders' own words for `Unknown` among them."""
    return _may_be_a_name(_tidy(raw))
