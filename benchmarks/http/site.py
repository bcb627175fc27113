"""A product with decisions in it, and gunicorn before it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import httpx2
import sqlalchemy as sa
from sqlalchemy.engine import make_url

import config
from benchmarks import filling
from decisionlog import create_app
from decisionlog.auth import passwords
from decisionlog.extensions import db
from decisionlog.models import Decision, User

PASSWORD = "a passphrase for measuring"
SIGNERS = 20
PATIENCE = 60


@dataclass
class Site:
    folder: Path
    database_url: str
    settings: dict[str, str]
    project_id: str = ""
    decision_id: str = ""

    @property
    def webhook_secret(self) -> str:
        return self.settings["TACTIQ_WEBHOOK_SECRET"]


def prepare(folder: Path, database_url: str, redis_url: str | None, decisions: int) -> Site:
    """Migrate an empty database and put a project of so many decisions into it."""
    settings = {
        "DATABASE_URL": database_url,
        "JWT_SECRET_KEY": secrets.token_urlsafe(32),
        "TACTIQ_WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "TOTP_ENCRYPTION_KEY": secrets.token_urlsafe(32),
        "ANTHROPIC_API_KEY": "",
        # Every client has an address of its own, as behind a proxy, so that the limits count and
        # never strike.
        "TRUSTED_PROXIES": "1",
        "QUEUE_URL": f"sqlite:///{folder}/queue.db",
    }
    if redis_url:
        settings |= {"RATELIMIT_STORAGE_URI": redis_url, "QUEUE_URL": redis_url}
    site = Site(folder, database_url, settings)
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        hashed = passwords.hash_password(PASSWORD)
        people = [
            User(
                email=f"person{number}@example.com",
                name="Person",
                role="architect",
                password_hash=hashed,
            )
            for number in range(SIGNERS)
        ]
        db.session.add_all(people)
        db.session.flush()
        made = filling.project("Measured", people)
        meeting = filling.transcript(made)
        db.session.commit()
        site.project_id = str(made.id)
        filling.decisions([made.id], meeting.id, decisions)
        site.decision_id = str(db.session.scalar(sa.select(Decision.id).limit(1)))
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        db.session.remove()
        db.engine.dispose()
    return site


@dataclass
class Served:
    """A gunicorn and the port it answers on."""

    port: int
    process: subprocess.Popen
    log: Path

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def cpu_seconds(self) -> float:
        """What the workers have used so far."""
        ticks = 0
        for pid in self.workers():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(site: Site, application: str, prebuilt: dict[str, str] | None = None):
    """gunicorn with the product's gunicorn.conf.py before an application, until the block ends."""
    given = site.folder / "peers.json"
    given.write_text(
        json.dumps(
            {
                "prebuilt": prebuilt or {},
                "database_url": site.database_url,
                "project_id": site.project_id,
                "decision_id": site.decision_id,
            }
        )
    )
    port = free_port()
    log = site.folder / f"{application.partition(':')[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"],
            cwd=config.BASE_DIR,
            env=os.environ | site.settings | {"BENCHMARK_PEERS": str(given)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_answering(port, process, log)
        yield Served(port, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_answering(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5)
            return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"gunicorn does not answer:\n{log.read_text()[-3000:]}")


@contextmanager
def database(server_url: str | None, folder: Path):
    """The URL of an empty database: a file, or a database of its own on a PostgreSQL server."""
    if server_url is None:
        yield f"sqlite:///{folder}/decisionlog.db"
        return
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"decisionlog_benchmark_{os.getpid()}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
