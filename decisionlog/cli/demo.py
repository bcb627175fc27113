"""`flask demo`: the main job on the spot, with the real processes."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click
import httpx2
from flask import current_app
from flask_migrate import upgrade
from rich.console import Console
from rich.table import Table

import config
from decisionlog import clock
from decisionlog.cli.seed import DEMO_PASSWORD, fill, project_id, require_demo_mode, sample
from decisionlog.webhook import proofs

START_SECONDS = 60
WORK_SECONDS = 600
DIRECTOR = "test@example.com"


@click.command()
@click.option("--exit", "stop_after", is_flag=True, help="stop after printing the decisions")
@click.option("--port", default=8000, show_default=True)
@require_demo_mode
def demo(stop_after: bool, port: int) -> None:
    """Send a sample meeting through the whole product and show its decisions.

    Then serve API and worker until Ctrl-C.
    """
    console = Console()
    # Nobody is to call at the door when it closes again at once, so any free one will do.
    port = _free_port() if stop_after else _require_free(port)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade()
    console.print(fill())
    with ExitStack() as processes:
        server = processes.enter_context(
            _process(
                "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"
            )
        )
        processes.enter_context(_process("flask", "worker"))
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as api:
            _wait_until_ready(api, server)
            transcript_id = _deliver(api)
            console.print(f"Sent the sample meeting; transcript {transcript_id}.")
            token = _sign_in(api)
            _wait_until_processed(api, token, transcript_id)
            _print(console, _decisions(api, token, transcript_id))
        if not stop_after:
            console.print(
                f"API on http://127.0.0.1:{port}, its page on http://127.0.0.1:{port}/docs;"
                f' sign in as {DIRECTOR} with "{DEMO_PASSWORD}". Ctrl-C ends it.'
            )
            _wait_for_interrupt()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _require_free(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken; choose another one with --port."
            ) from error
    return port


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[subprocess.Popen]:
    """A process of the product beside this one, stopped at the end of the block."""
    process = subprocess.Popen(  # noqa: S603 (fixed words, our own interpreter)
        [sys.executable, "-m", module, *arguments],
        cwd=config.BASE_DIR,
        # Somebody watches: a batch would let them wait.
        env=os.environ | {"LOG_LEVEL": "WARNING", "EXTRACTION_MODE": "direct"},
        # Ctrl-C reaches the whole group; these are to end in order, by SIGTERM below.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _poll(seconds: float, ask: Any) -> Any:
    deadline = clock.monotonic() + seconds
    while clock.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise click.ClickException(f"Nothing came of it in {seconds} seconds.")


def _wait_until_ready(api: httpx2.Client, server: subprocess.Popen) -> None:
    def ready() -> bool | None:
        if server.poll() is not None:
            raise click.ClickException("The server did not start; see above.")
        try:
            return api.get("/ready").status_code == 200 or None
        except httpx2.TransportError:
            return None

    _poll(START_SECONDS, ready)


def _deliver(api: httpx2.Client) -> str:
    meeting = json.loads(sample("design_review.json"))
    meeting.pop("expected")
    # Every other date of the demo counts back from today: the review is of today too.
    meeting.pop("meeting_date")
    payload = meeting | {
        "project_id": str(project_id(meeting["project_id"])),
        "transcript": sample("design_review.txt"),
    }
    body = json.dumps(payload).encode()
    secret = current_app.config["TACTIQ_WEBHOOK_SECRET"][0]
    answer = api.post(
        "/webhooks/transcript",
        content=body,
        headers={
            "Content-Type": "application/json",
            proofs.SIGNATURE: proofs.sign(secret, body),
        },
    )
    answer.raise_for_status()
    return answer.json()["transcript_id"]


def _sign_in(api: httpx2.Client) -> dict[str, str]:
    answer = api.post("/auth/login", json={"email": DIRECTOR, "password": DEMO_PASSWORD})
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _wait_until_processed(api: httpx2.Client, token: dict[str, str], transcript_id: str) -> None:
    def ended() -> dict[str, Any] | None:
        transcript = api.get(f"/transcripts/{transcript_id}", headers=token).json()
        return transcript if transcript["status"] in ("processed", "failed") else None

    transcript = _poll(WORK_SECONDS, ended)
    if transcript["status"] == "failed":
        raise click.ClickException(transcript["last_error"])


def _decisions(
    api: httpx2.Client, token: dict[str, str], transcript_id: str
) -> list[dict[str, Any]]:
    transcript = api.get(f"/transcripts/{transcript_id}", headers=token).json()
    answer = api.get(
        f"/projects/{transcript['project_id']}/decisions",
        params={"transcript_id": transcript_id, "sort_by": "timestamp", "sort_order": "asc"},
        headers=token,
    )
    answer.raise_for_status()
    return answer.json()["decisions"]


def _print(console: Console, decisions: list[dict[str, Any]]) -> None:
    table = Table("when", "who", "decision", "quote", show_lines=True)
    for decision in decisions:
        table.add_row(
            decision["timestamp"],
            decision["who"],
            decision["decision_statement"],
            decision["quote"],
        )
    console.print(table)
    console.print(f"{len(decisions)} decisions.")


def _wait_for_interrupt() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("Stopping.")
