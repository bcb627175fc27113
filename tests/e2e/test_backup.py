"""The drill: back up a site in use, lose it, restore it elsewhere, go on."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from config import BASE_DIR
from tests.conftest import _worker_number
from tests.e2e.conftest import _create_database, _drop_database

SPEECH = (
    "[00:00:05] Ana: Good morning.\n"
    "[00:00:09] Rui: We have decided that the frame of the hall will be steel, agreed.\n"
    "[00:00:20] Ana: Agreed, so we go with steel.\n"
)


@pytest.fixture
def empty_database(tmp_path):
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield f"sqlite:///{tmp_path}/restored.db"
        return
    url = _create_database(server, f"decisionlog_restored_{_worker_number()}")
    yield url
    _drop_database(server, url)


def flask(site, *command, **changes):
    return subprocess.run(
        [sys.executable, "-m", "flask", *command],
        env=site._environment(changes),
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )


def test_a_backup_of_a_site_in_use_comes_back_whole_elsewhere(site, empty_database, tmp_path):
    before = site.deliver(SPEECH)
    site.wait_for(before)
    known = site.decisions(before)
    assert known

    stop = threading.Event()
    busy = threading.Thread(target=_keep_delivering, args=(site, stop))
    busy.start()
    try:
        backup = flask(site, "backup", str(tmp_path / "drill.backup"))
    finally:
        stop.set()
        busy.join()
    assert backup.returncode == 0, backup.stderr
    assert stat.S_IMODE((tmp_path / "drill.backup").stat().st_mode) == 0o600

    elsewhere = {"DATABASE_URL": empty_database}
    restored = flask(site, "restore", str(tmp_path / "drill.backup"), **elsewhere)
    assert restored.returncode == 0, restored.stderr
    assert flask(site, "db", "upgrade", **elsewhere).returncode == 0
    assert flask(site, "db", "check", **elsewhere).returncode == 0

    there = type(site)(tmp_path, **site.settings | elsewhere)
    there.token, there.project_id = site.token, site.project_id
    try:
        there.start_web()
        assert there.decisions(before) == known
        found = there.get(
            f"/projects/{there.project_id}/decisions", search="steel", transcript_id=before
        )
        assert known[0]["id"] in [decision["id"] for decision in found["decisions"]]
        # What was waiting when the backup was made is worked on where it was restored.
        there.start_worker()
        there.wait_for(there.deliver(SPEECH + "[00:00:30] Ana: And the roof stays."))
    finally:
        there.close()


def _keep_delivering(site, stop):
    while not stop.is_set():
        site.deliver(SPEECH)


def test_restore_leaves_a_database_that_is_not_empty_alone(site, tmp_path):
    assert flask(site, "backup", str(tmp_path)).returncode == 0
    (made,) = tmp_path.glob("*.backup")
    refused = flask(site, "restore", str(made))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr


def test_backup_overwrites_nothing(site, tmp_path):
    there = tmp_path / "there.backup"
    there.write_text("precious")
    assert flask(site, "backup", str(there)).returncode == 1
    assert there.read_text() == "precious"


def test_what_is_no_backup_is_refused_in_one_line(site, empty_database, tmp_path):
    broken = tmp_path / "broken.backup"
    broken.write_bytes(b"this is no database" * 100)
    refused = flask(site, "restore", str(broken), DATABASE_URL=empty_database)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert "Traceback" not in refused.stderr


def test_a_failed_backup_leaves_no_file_that_looks_like_one(site, tmp_path):
    nowhere = f"sqlite:///{tmp_path}/missing.db"
    if "TEST_DATABASE_URL" in os.environ:
        nowhere = "postgresql://postgres@127.0.0.1:1/nothing"
    failed = flask(site, "backup", str(tmp_path / "made.backup"), DATABASE_URL=nowhere)
    assert failed.returncode == 1
    assert not list(tmp_path.glob("made*"))


def test_the_copy_of_sqlite_is_a_database_of_its_own(site, tmp_path):
    if "TEST_DATABASE_URL" in os.environ:
        pytest.skip("about SQLite")
    assert flask(site, "backup", str(tmp_path / "copy.backup")).returncode == 0
    with sqlite3.connect(tmp_path / "copy.backup") as copy:
        assert copy.execute("SELECT count(*) FROM users").fetchone()[0] >= 1
