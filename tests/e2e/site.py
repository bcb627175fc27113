"""DecisionLog as an operator runs it: gunicorn and workers, each a process of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx2
from flask_migrate import upgrade

import config
from decisionlog import create_app
from decisionlog.auth import sessions
from decisionlog.extensions import db
from decisionlog.webhook import proofs
from tests import factories

PATIENCE = 180
SECRET = "a webhook secret that only tests between processes use"
SETTINGS = {
    "JWT_SECRET_KEY": "a signing key that only tests between processes use",
    "TACTIQ_WEBHOOK_SECRET": SECRET,
    "ANTHROPIC_API_KEY": "",
    "BCRYPT_ROUNDS": "4",
    "RATELIMIT_DEFAULT": "100000 per minute",
    "RATELIMIT_WEBHOOK": "100000 per minute",
    "EXTRACTION_RETRY_SECONDS": "0.2",
    "SWEEP_SECONDS": "1",
    "TRUSTED_PROXIES": "1",
    "WEB_CONCURRENCY": "1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ask, patience=PATIENCE):
    """The first truthy answer."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"nothing came of it in {patience} seconds")


def metrics_folders(web: subprocess.Popen) -> list[Path]:
    """Where this gunicorn's workers count."""
    places = Path("/dev/shm"), Path(tempfile.gettempdir())
    return [path for place in places for path in place.glob(f"decisionlog-metrics-{web.pid}-*")]


class Site:
    """A database, a queue, and what runs on them: `web` and workers. `log(process)` reads what one
    has written."""

    def __init__(self, folder: Path, **settings: str):
        self.folder = folder
        self.settings = SETTINGS | settings
        self.processes: list[subprocess.Popen] = []
        self.logs: dict[int, Path] = {}
        self.web: subprocess.Popen | None = None
        self.port = free_port()
        self.api = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.token: dict[str, str] = {}
        self.project_id = ""

    def prepare(self) -> "Site":
        """Migrate, and make a director and a project."""
        app = create_app(self.settings)
        with app.app_context():
            upgrade()
            director = factories.user(role="director")
            self.project_id = str(factories.project().id)
            with app.test_request_context():
                pair = sessions.start(director)
                db.session.commit()
            self.token = {"Authorization": f"Bearer {pair.access_token}"}
            db.session.remove()
            db.engine.dispose()
        return self

    def start(self, *command: str, folder: Path | None = None, **changes: str) -> subprocess.Popen:
        log = self.folder / f"{command[0]}-{uuid.uuid4().hex[:8]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=self._environment(changes),
                cwd=folder or config.BASE_DIR,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A signal to a process here must reach this one only.
                start_new_session=True,
            )
        self.processes.append(process)
        self.logs[process.pid] = log
        return process

    def start_web(self) -> subprocess.Popen:
        process = self.start(
            "gunicorn", "-c", str(config.BASE_DIR / "gunicorn.conf.py"), "wsgi:app",
            "--bind", f"127.0.0.1:{self.port}",
        )  # fmt: skip
        self.web = process
        wait_until(self.is_ready)
        return process

    def start_worker(self, threads: int = 1, **changes) -> subprocess.Popen:
        return self.start("flask", "worker", "--threads", str(threads), **changes)

    def log(self, process: subprocess.Popen) -> str:
        return self.logs[process.pid].read_text("utf-8", "replace")

    def is_ready(self) -> bool:
        try:
            return self.api.get("/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self, process: subprocess.Popen, by: signal.Signals = signal.SIGTERM) -> int:
        """End a process, and with SIGKILL what it started too. Returns its exit code."""
        if process.poll() is None:
            if by == signal.SIGKILL:
                os.killpg(process.pid, by)
            else:
                process.send_signal(by)
        return process.wait(timeout=PATIENCE)

    def close(self) -> None:
        self.api.close()
        for process in self.processes:
            self.stop(process, signal.SIGKILL)
            # Who is killed leaves them behind.
            for folder in metrics_folders(process):
                shutil.rmtree(folder)

    def begin_project(self) -> None:
        """Deliver to a new project from here on."""
        made = self.api.post("/projects", json={"name": uuid.uuid4().hex}, headers=self.token)
        assert made.status_code == 201, made.text
        self.project_id = made.json()["id"]

    def payload(self, speech: str, webhook_id: str | None = None, **fields) -> dict:
        return {
            "webhook_id": webhook_id or uuid.uuid4().hex,
            "project_id": self.project_id,
            "transcript": speech,
            **fields,
        }

    def post(
        self, payload: dict, client: httpx2.Client | None = None, **headers
    ) -> httpx2.Response:
        body = json.dumps(payload).encode()
        signed = {"Content-Type": "application/json", proofs.SIGNATURE: proofs.sign(SECRET, body)}
        return (client or self.api).post(
            "/webhooks/transcript", content=body, headers=signed | headers
        )

    def deliver(self, speech: str, **fields) -> str:
        """The id of a transcript that was answered with 202."""
        answer = self.post(self.payload(speech, **fields))
        assert answer.status_code == 202, answer.text
        return answer.json()["transcript_id"]

    def get(self, path: str, **params) -> dict:
        answer = self.api.get(path, params=params, headers=self.token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def transcript(self, transcript_id: str) -> dict:
        return self.get(f"/transcripts/{transcript_id}")

    def wait_for(self, transcript_id: str, *statuses: str, patience: float = PATIENCE) -> dict:
        """The transcript, once its status is one of these; by default once it has ended."""
        wanted = statuses or ("processed", "failed")

        def ended():
            transcript = self.transcript(transcript_id)
            return transcript if transcript["status"] in wanted else None

        return wait_until(ended, patience)

    def decisions(self, transcript_id: str) -> list[dict]:
        page = self.get(
            f"/projects/{self.project_id}/decisions",
            transcript_id=transcript_id,
            sort_by="timestamp",
            sort_order="asc",
            limit=200,
        )
        assert page["total"] == len(page["decisions"])
        return page["decisions"]

    def _environment(self, changes: dict) -> dict[str, str]:
        return (
            os.environ
            | {"FLASK_APP": "wsgi:app", "PYTHONPATH": str(config.BASE_DIR)}
            | self.settings
            | {name: str(value) for name, value in changes.items()}
        )
