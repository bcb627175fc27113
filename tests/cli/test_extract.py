"""`flask extract`: extraction alone."""

import json

import pytest

SPEECH = (
    "[00:00:05] Ana Reis: Good morning, everyone.\n"
    "[00:01:10] Rui Costa: So the decision is that we go with a steel frame,"
    " because it spans the hall.\n"
    "[00:01:30] Ana Reis: Agreed.\n"
)


@pytest.fixture
def meeting(tmp_path):
    file = tmp_path / "design-review.txt"
    file.write_text(SPEECH, "utf-8")
    return file


def test_decisions_come_as_json_with_quote_who_and_time(runner, meeting):
    result = runner.invoke(args=["extract", str(meeting), "--extractor", "offline", "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["meeting_id"] == "design-review"
    assert answer["extractor"] == "offline"
    decision = answer["decisions"][0]
    assert decision["who"] == "Rui Costa"
    assert decision["timestamp"] == "00:01:10"
    assert decision["quote"] in SPEECH


def test_decisions_come_as_a_table_for_people(runner, meeting):
    result = runner.invoke(args=["extract", str(meeting), "--extractor", "offline"])
    assert result.exit_code == 0
    assert "steel" in result.stdout
    assert "by the offline extractor" in result.stdout


def test_no_database_is_needed(make_app, meeting):
    nowhere = make_app(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    result = nowhere.test_cli_runner().invoke(
        args=["extract", str(meeting), "--extractor", "offline", "--json"]
    )
    assert result.exit_code == 0


def test_an_unreadable_file_is_one_clear_line(runner, tmp_path):
    file = tmp_path / "empty.txt"
    file.write_text(" \n")
    result = runner.invoke(args=["extract", str(file)])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
