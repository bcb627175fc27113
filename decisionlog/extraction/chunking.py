"""Cutting a meeting into parts that fit a call, at turn borders and with some overlap."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from decisionlog.transcripts.transcript import Turn

OVERLAP = 0.05  # of the budget: room for a decision whose talk crosses the border
BYTES_PER_TOKEN = 3
TURN_TOKENS = 8  # what a turn's number, line end and a short name cost beyond its words


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive turns for one call. The first `overlap` of them are the previous part's too."""

    turns: tuple[Turn, ...]
    overlap: int = 0


def tokens(text: str) -> int:
    """A cautious estimate, without a tokeniser: a token for every three bytes of UTF-8.

    English and Portuguese run at four bytes and more a token on older tokenisers, near three on
    newer ones; scripts of three bytes a letter come out at a token a letter.
    """
    return len(text.encode()) // BYTES_PER_TOKEN + 1


def turn_tokens(turn: Turn) -> int:
    return tokens(turn.text) + tokens(turn.speaker) + TURN_TOKENS


def split(turns: tuple[Turn, ...], budget: int | None) -> list[Part]:
    """The parts of a meeting, each of at most `budget` estimated tokens; None puts all in one.

    A turn that is larger than the budget is cut into pieces, between words where there are any,
    that keep its index, speaker and times.
    """
    if budget is None:
        return [Part(turns)] if turns else []
    pieces = [piece for turn in turns for piece in _pieces(turn, budget)]
    parts, start, overlap = [], 0, 0
    while start < len(pieces):
        end = _end_of_part(pieces, start, budget)
        parts.append(Part(tuple(pieces[start:end]), overlap))
        if end == len(pieces):
            break
        next_start = max(_start_of_overlap(pieces, end, budget), start + 1)
        overlap, start = end - next_start, next_start
    return parts


def halve(part: Part) -> tuple[Part, Part]:
    """A part of two turns or more as two, cut where half of its tokens are spent."""
    half, spent, cut = sum(map(turn_tokens, part.turns)) / 2, 0, 0
    while cut < len(part.turns) - 1 and (cut == 0 or spent < half):
        spent += turn_tokens(part.turns[cut])
        cut += 1
    first, second = part.turns[:cut], part.turns[cut:]
    return (
        Part(first, min(part.overlap, len(first))),
        Part(second, max(0, part.overlap - len(first))),
    )


def _end_of_part(pieces: list[Turn], start: int, budget: int) -> int:
    spent, end = 0, start
    while end < len(pieces):
        spent += turn_tokens(pieces[end])
        if spent > budget and end > start:
            break
        end += 1
    return end


def _start_of_overlap(pieces: list[Turn], end: int, budget: int) -> int:
    room, start = budget * OVERLAP, end
    while start > 0 and turn_tokens(pieces[start - 1]) <= room:
        start -= 1
        room -= turn_tokens(pieces[start])
    return start


def _pieces(turn: Turn, budget: int) -> Iterator[Turn]:
    if turn_tokens(turn) <= budget:
        yield turn
        return
    limit = max(1, budget - tokens(turn.speaker) - TURN_TOKENS - 1) * BYTES_PER_TOKEN
    start = 0
    while start < len(turn.text):
        end = _end_of_piece(turn.text, start, limit)
        yield replace(
            turn,
            text=turn.text[start:end],
            char_start=turn.char_start + start,
            char_end=turn.char_start + end,
        )
        start = end


def _end_of_piece(text: str, start: int, limit: int) -> int:
    """Where at most `limit` bytes from `start` end: after a space, or within a word without end."""
    window = text[start : start + limit].encode()[:limit].decode(errors="ignore") or text[start]
    end = start + len(window)
    space = window.rfind(" ")
    return end if end == len(text) or space < 0 else start + space + 1
