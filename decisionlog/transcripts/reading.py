"""Bytes to text, text to Transcript."""

import re
from collections.abc import Iterable, Iterator
from io import StringIO

from decisionlog.transcripts.docx import is_zip, text_of_docx
from decisionlog.transcripts.formats import detect
from decisionlog.transcripts.lines import Utterance, collapse
from decisionlog.transcripts.speakers import clean_name
from decisionlog.transcripts.transcript import Transcript, Turn, UnreadableTranscript, timestamp

# A turn is what a prompt is split by, so none may be larger than a prompt's share.
_LONGEST_TURN = 10_000

# Ten megabytes of ordinary speech are 140,000 turns.
_MOST_TURNS = 250_000

_SILENT = "nobody says anything in it"

_LINE_END = re.compile(r"\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, filename: str | None = None) -> str:
    """The text of a transcript file: UTF-8 with or without a byte-order mark, UTF-16 with one,
    or a Word document (.docx), one paragraph a line.

    Raises UnreadableTranscript, with the line where bytes are at fault.
    """
    if is_zip(data):
        return text_of_docx(data)
    if (filename or "").lower().endswith(".docx"):
        raise UnreadableTranscript("this is not a Word document")
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if is_utf16 else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        good = data[: error.start].decode(encoding, errors="ignore")
        wanted = "UTF-16" if is_utf16 else "UTF-8"
        line = _newlines_only(good).count("\n") + 1
        raise UnreadableTranscript(f"these bytes are not {wanted}", line) from error


def parse(text: str, filename: str | None = None) -> Transcript:
    """The turns of a transcript in any known format, which is told by its content.

    `filename` settles only what the content leaves open. Raises UnreadableTranscript, and nothing
    else, whatever the text.
    """
    name, utterances = _read(text, filename)
    return _transcript(name, utterances)


def recognise(text: str, filename: str | None = None) -> str:
    """The name of the format in which `parse` can read the text, without keeping its turns: so
    that what comes in can be refused at the door, however large.

    Raises UnreadableTranscript as `parse` does, apart from that for too many turns.
    """
    name, utterances = _read(text, filename)
    # All of them are read, since the line at fault may be the last one.
    spoken = sum(bool(utterance.text.strip()) for utterance in utterances)
    if not spoken:
        raise UnreadableTranscript(_SILENT)
    return name


def _read(text: str, filename: str | None) -> tuple[str, Iterator[Utterance]]:
    text = _newlines_only(text.removeprefix("\ufeff"))
    _check(text)
    fmt = detect(text, filename)
    if fmt is None:
        raise UnreadableTranscript("nothing in it says who speaks: is it a transcript?")
    return fmt.name, fmt.parse(text)


def _newlines_only(text: str) -> str:
    return _LINE_END.sub("\n", text) if "\r" in text else text


def _check(text: str) -> None:
    if not text or text.isspace():
        raise UnreadableTranscript("the transcript is empty")
    if "\0" in text:
        raise UnreadableTranscript("it holds a NUL byte", _line_at(text, text.index("\0")))
    if surrogate := _SURROGATE.search(text):
        raise UnreadableTranscript("half a character", _line_at(text, surrogate.start()))


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _transcript(name: str, utterances: Iterable[Utterance]) -> Transcript:
    """The canonical text and its turns: white space collapsed, names cleaned, utterances without
    words left out, and those too long for a turn cut at a space."""
    # Written piece by piece: lines to join would be there a second time, for every turn.
    canonical = StringIO()
    turns: list[Turn] = []
    names: dict[str, str] = {}
    position = 0
    for raw_speaker, raw_text, start, end in utterances:
        speaker = names.setdefault(raw_speaker, clean_name(raw_speaker))
        heading = f"{speaker}: " if start is None else f"[{timestamp(start)}] {speaker}: "
        for text in _pieces(collapse(raw_text)):
            if len(turns) == _MOST_TURNS:
                raise UnreadableTranscript(f"it has more than {_MOST_TURNS} turns")
            begin = position + len(heading)
            canonical.write("\n" if turns else "")
            canonical.write(heading)
            canonical.write(text)
            turns.append(Turn(len(turns), speaker, text, start, end, begin, begin + len(text)))
            position = begin + len(text) + 1
    if not turns:
        raise UnreadableTranscript(_SILENT)
    return Transcript(canonical.getvalue(), tuple(turns), name)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _LONGEST_TURN:
        cut = text.rfind(" ", start, start + _LONGEST_TURN)
        cut = cut if cut > start else start + _LONGEST_TURN
        yield text[start:cut]
        start = cut + (text[cut] == " ")
    if start < len(text):
        yield text[start:]
