"""`flask transcripts`: files in, and how far they are."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import Transcript
from tests import factories

SPEECH = "[00:00:05] Ana: Agreed, we go with steel.\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weekly.txt"
    path.write_text(SPEECH)
    return path


def import_files(runner, *arguments):
    return runner.invoke(args=["transcripts", "import", *map(str, arguments)])


def test_a_file_is_queued_under_its_name(runner, project, file):
    result = import_files(runner, file, "--project", project.name, "--date", "2026-10-02")
    assert result.exit_code == 0
    assert "1 queued, 0 known already, 0 refused." in result.stdout
    row = db.session.scalar(select(Transcript))
    assert (row.meeting_title, str(row.meeting_date), row.status) == (
        "weekly",
        "2026-10-02",
        "pending",
    )


def test_importing_again_changes_nothing(runner, project, file):
    import_files(runner, file, "--project", project.id)
    result = import_files(runner, file, "--project", project.id)
    assert "0 queued, 1 known already" in result.stdout
    assert db.session.scalar(select(func.count()).select_from(Transcript)) == 1


def test_a_bad_file_is_named_and_the_others_still_get_in(runner, project, file, tmp_path):
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"[00:00:05] Ana: \x00\n")
    result = import_files(runner, bad, file, "--project", project.name)
    assert result.exit_code == 1
    assert "1 queued, 0 known already, 1 refused." in result.stdout
    assert "bad.txt" in result.stderr


def test_an_unknown_project_is_refused_with_the_known_ones(runner, project, file):
    result = import_files(runner, file, "--project", "Atlantis")
    assert result.exit_code == 1
    assert project.name in result.stderr


def test_the_list_shows_status_and_last_error(runner, project):
    factories.transcript(project, status="failed", last_error="check ANTHROPIC_API_KEY")
    factories.transcript(project, meeting_title="Another one")
    output = runner.invoke(args=["transcripts", "list", "--status", "failed"]).output
    assert "failed" in output
    assert "Another one" not in output


def test_reprocess_makes_an_ended_transcript_pending_again(runner, project):
    row = factories.transcript(project, status="failed", attempts=5, last_error="no")
    result = runner.invoke(args=["transcripts", "reprocess", str(row.id)])
    assert result.exit_code == 0
    db.session.refresh(row)
    assert (row.status, row.attempts, row.last_error) == ("pending", 0, None)
    assert row.next_attempt_at <= clock.now()


def test_a_transcript_in_work_is_not_begun_anew(runner, project):
    row = factories.transcript(project, status="processing")
    result = runner.invoke(args=["transcripts", "reprocess", str(row.id)])
    assert result.exit_code == 1
    assert "being worked on already" in result.stderr


def test_reprocess_takes_all_that_failed(runner, project):
    failed = [factories.transcript(project, status="failed") for _ in range(2)]
    done = factories.transcript(project, status="processed")
    result = runner.invoke(args=["transcripts", "reprocess", "--all-failed"])
    assert "2 queued." in result.stdout
    db.session.expire_all()
    assert {row.status for row in failed} == {"pending"}
    assert done.status == "processed"


def test_reprocess_brings_forward_all_that_waits(runner, project):
    later = clock.now() + timedelta(days=6)
    row = factories.transcript(project, next_attempt_at=later, last_error="the budget is spent")
    result = runner.invoke(args=["transcripts", "reprocess", "--all-waiting"])
    assert "1 queued." in result.stdout
    db.session.expire_all()
    assert row.next_attempt_at <= clock.now()
    assert row.last_error is None


def test_reprocess_without_a_name_is_refused(runner):
    result = runner.invoke(args=["transcripts", "reprocess"])
    assert result.exit_code == 1
    assert "--all-failed" in result.stderr


def test_stats_tell_what_the_runs_took(runner, project):
    row = factories.transcript(project, status="processed")
    factories.run(
        row,
        extractor="claude",
        model="claude-sonnet-5-5",
        decision_count=3,
        input_tokens=12345,
        cost_usd="0.0421",
    )
    result = runner.invoke(args=["transcripts", "stats"])
    assert result.exit_code == 0
    assert "1 processed" in result.stdout
    assert "12345" in result.stdout
    assert "0.0421" in result.stdout
    assert "0.04 USD of no limit" in result.stdout


def test_stats_leave_out_what_is_older(runner, project):
    row = factories.transcript(project, status="processed")
    run = factories.run(row, extractor="claude", input_tokens=12345)
    run.started_at = clock.now() - timedelta(days=8)
    db.session.commit()
    result = runner.invoke(args=["transcripts", "stats", "--days", "7"])
    assert "12345" not in result.stdout
