"""How much memory an export takes: `python -m benchmarks.export [decisions] [database URL]`.

Fills a project, streams it in every format through the application and reports the peak resident
memory of a fresh process each, its growth over the start, seconds and bytes. Each file is read
back afterwards, with another reader than ours, and its decisions are counted.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from datetime import date, timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import insert

from decisionlog import clock, create_app, exports
from decisionlog.auth import passwords, sessions
from decisionlog.extensions import db
from decisionlog.models import Decision, Project, User

KIBIBYTES = 1024
BLOCK = 5000


def fill(count):
    user = User(
        email="bench@example.com",
        name="Bench",
        role="director",
        password_hash=passwords.hash_password("a long enough passphrase"),
    )
    project = Project(name="Bench")
    db.session.add_all([user, project])
    db.session.flush()
    for start in range(0, count, BLOCK):
        db.session.execute(
            insert(Decision),
            [decision(project.id, n) for n in range(start, min(start + BLOCK, count))],
        )
    db.session.commit()
    token = sessions.start(user).access_token
    db.session.commit()
    return project.id, token


def decision(project_id, number):
    quote = f"We go with option {number}, since it is the one that everybody can live with."
    return {
        "id": uuid.uuid4(),
        "project_id": project_id,
        "decision_statement": f"Option {number} is built as drawn, with the details of the annex.",
        "who": "Rui Costa",
        "timestamp_seconds": number % 3600,
        "quote": quote,
        "why": "It is cheaper, and the client asked for it twice. " * 3,
        "discipline": "structural",
        "impacts": [{"type": "budget", "change": "-1,000"}],
        "evidence": [
            {"quote": quote, "speaker": "Rui", "timestamp": "00:00:01", "start": 0, "end": 9}
        ],
        "source": "meeting",
        "meeting_date": date(2020, 1, 1) + timedelta(days=number % 2000),
        "created_at": clock.now(),
    }


def peak_kibibytes():
    """Linux's high-water mark of this program; getrusage would add that of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def export(url, project_id, token, form):
    """In a process of its own: the peak of one must not hide in that of another."""
    app = create_app({"DATABASE_URL": url, "RATELIMIT_ENABLED": False, "LOG_LEVEL": "ERROR"})
    before = peak_kibibytes()
    begin, size = time.monotonic(), 0
    response = app.test_client().get(
        f"/projects/{project_id}/export?format={form}",
        headers={"Authorization": f"Bearer {token}"},
        buffered=False,
    )
    with tempfile.TemporaryFile() as kept:
        for piece in response.iter_encoded():
            size += len(piece)
            kept.write(piece)
        peak = peak_kibibytes()
        seconds = time.monotonic() - begin
        kept.seek(0)
        rows = reread(form, kept)
    print(
        f"{form:5} {response.status_code} peak {peak / KIBIBYTES:6.1f} MB"
        f" (+{(peak - before) / KIBIBYTES:.1f}) {seconds:6.1f} s {size / 1e6:7.1f} MB, {rows} rows"
    )


def reread(form, kept):
    if form == "csv":
        return sum(1 for _ in csv.DictReader(io.TextIOWrapper(kept, "utf-8-sig", newline="")))
    if form == "json":
        return len(json.load(kept)["decisions"])
    if form == "md":
        return sum(line.startswith(b"## ") for line in kept)
    archive = zipfile.ZipFile(kept)
    if broken := archive.testzip():
        raise SystemExit(f"{broken} can't be read")
    return len(archive.namelist())


def main(count="100000", url=None):
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/bench.db"
        app = create_app({"DATABASE_URL": url, "LOG_LEVEL": "ERROR"})
        with app.test_request_context():
            upgrade()
            project_id, token = fill(int(count))
        for form in exports.FORMATS:
            command = [sys.executable, "-m", "benchmarks.export", "--one", url, project_id, token]
            subprocess.run([*map(str, command), form], check=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        export(*arguments[1:])
    else:
        main(*arguments)
