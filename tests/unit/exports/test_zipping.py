"""Archives as Python's own reader sees them."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlog.exports import zipping

DAY = date(2026, 11, 3)
NAMES = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1)


def read(files):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipping.archive(files))))
    assert archive.testzip() is None
    return archive


@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=8))
def test_what_goes_in_comes_out_in_its_order(contents):
    archive = read((name, DAY, content) for name, content in contents.items())
    assert archive.namelist() == list(contents)
    assert {name: archive.read(name) for name in archive.namelist()} == contents


@pytest.mark.parametrize(
    ("day", "stamp"),
    [(DAY, (2026, 11, 3, 0, 0, 0)), (date(1975, 4, 25), (1980, 1, 1, 0, 0, 0))],
)
def test_a_file_has_the_day_of_its_decision_as_far_as_a_zip_can_say(day, stamp):
    [info] = read([("a.md", day, b"")]).infolist()
    assert info.date_time == stamp


def test_files_can_be_read_by_everybody_and_written_by_their_owner():
    [info] = read([("a.md", DAY, b"")]).infolist()
    assert info.external_attr >> 16 == 0o100644


def test_an_archive_may_hold_more_than_65535_files():
    archive = read((f"{number}.md", DAY, b"") for number in range(65_536))
    assert len(archive.infolist()) == 65_536
    assert archive.namelist()[-1] == "65535.md"


def test_offsets_beyond_four_gigabytes_stand_in_the_zip64_fields(monkeypatch):
    monkeypatch.setattr(zipping, "NEAR_MAX", 60)
    archive = read((f"{number}.md", DAY, b"word" * number) for number in range(4))
    assert [info.extract_version for info in archive.infolist()] == [20, 20, 45, 45]
    assert archive.read("3.md") == b"word" * 3


def test_a_file_is_given_away_before_the_next_is_asked_for():
    asked = []
    pieces = zipping.archive((asked.append(n) or f"{n}.md", DAY, b"x") for n in range(3))
    next(pieces)
    assert len(asked) == 1
