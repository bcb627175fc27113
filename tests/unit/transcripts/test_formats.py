"""One suite over the registry: a new format needs a sample file and its turns, nothing else."""

import json
from pathlib import Path

import pytest

from decisionlog.transcripts import decode, parse
from decisionlog.transcripts.formats import FORMATS

SAMPLES = Path(__file__).parents[2] / "data" / "transcripts"


def samples() -> list[Path]:
    return sorted(path for path in SAMPLES.iterdir() if path.suffix != ".json")


def expected(sample: Path) -> dict:
    return json.loads(sample.with_name(f"{sample.name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_a_sample_file_parses_to_exactly_its_turns(sample):
    transcript = parse(decode(sample.read_bytes(), sample.name), sample.name)

    turns = [[turn.speaker, turn.text, turn.start, turn.end] for turn in transcript.turns]
    assert {"format": transcript.format, "turns": turns} == expected(sample)


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_the_content_tells_the_format_whatever_the_file_is_called(sample):
    text = decode(sample.read_bytes())

    assert parse(text) == parse(text, "meeting.vtt") == parse(text, sample.name)


@pytest.mark.parametrize("newline", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_line_ends_and_a_byte_order_mark_change_nothing(sample, newline):
    text = decode(sample.read_bytes())

    assert parse("\ufeff" + text.replace("\n", newline)) == parse(text)


def test_every_format_has_a_sample():
    assert {expected(sample)["format"] for sample in samples()} == {fmt.name for fmt in FORMATS}


def test_every_format_has_a_section_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "transcripts.md").read_text(encoding="utf-8")

    assert [fmt.name for fmt in FORMATS if f"`{fmt.name}`" not in page] == []
