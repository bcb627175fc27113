"""What the pipeline costs beyond Claude's own time.

    python -m benchmarks.pipeline

Works on a database of its own in a temporary folder, with a Claude on loopback that answers at
once. Prints: the time of a job for a meeting of 9,000 words outside the Claude call, the best and
the median of seven; the input sent against the transcript's own size; the peak memory of a worker
process that extracts from a transcript of 10 MB.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from flask_migrate import upgrade

from decisionlog import create_app
from decisionlog.extensions import db
from decisionlog.extraction.chunking import tokens
from decisionlog.jobs import extract_decisions as job
from decisionlog.models import ExtractionRun, Transcript
from decisionlog.transcripts import parse
from tests import factories
from tests.e2e.faulty_claude import SETTLED, FaultyClaude

WORDS = (
    "the frame of the hall stays in steel so that roof and stairs can be made before winter while"
    " we wait for the client to confirm what the budget for timber cladding may be in the end"
).split()
MEETING_WORDS = 9_000
LARGE_BYTES = 10 * 1024 * 1024 - 4096
BARS = {"overhead_ms": 150, "input_ratio": 1.15, "peak_mb": 300}


def speech(size: int, unit) -> str:
    """A meeting with a decision every 50 turns, until `unit` of its lines has grown to `size`."""
    draw = random.Random(1)
    lines, spent, second = [], 0, 0
    while spent < size:
        words = draw.choices(WORDS, k=draw.randint(4, 40))
        if len(lines) % 50 == 25:
            words = [*SETTLED.split(), f"option {len(lines)}", *words[:6]]
        stamp = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append(f"[{stamp}] {draw.choice(('Ana Sousa', 'Rui Costa'))}: {' '.join(words)}.")
        spent += unit(lines[-1])
        second += draw.randint(1, 9)
    return "\n".join(lines)


def environment(folder: str, claude: FaultyClaude) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/benchmark.db",
        "QUEUE_URL": f"sqlite:///{folder}/queue.db",
        "ANTHROPIC_API_KEY": "sk-ant-benchmark",
        "ANTHROPIC_BASE_URL": claude.url,
        "LOG_LEVEL": "ERROR",
    }


def overhead(claude: FaultyClaude) -> dict[str, float]:
    """Milliseconds of a job outside of the extractor's calls, and input sent against content."""
    content = speech(MEETING_WORDS, lambda line: len(line.split()) - 3)
    project = factories.project()
    seconds = []
    for _ in range(7):
        factories.transcript(project, content=content)
        claude.spent = 0.0
        claude.requests.clear()
        started = time.perf_counter()
        job.run_next()
        seconds.append(time.perf_counter() - started - claude.spent)
    assert db.session.query(Transcript).filter_by(status="processed").count() == 7
    decisions = db.session.query(ExtractionRun.decision_count).first()[0]
    sent = sum(
        tokens(json.dumps(request["system"])) + tokens(request["messages"][0]["content"])
        for request in claude.requests
    )
    return {
        "decisions": decisions,
        # Other work on the machine only ever adds: the least is nearest to what the job takes.
        "overhead_ms": round(min(seconds) * 1000, 1),
        "median_ms": round(statistics.median(seconds) * 1000, 1),
        "calls": claude.calls / 7,
        "input_ratio": round(sent / tokens(parse(content).text), 3),
    }


def peak(folder: str, settings: dict[str, str]) -> dict[str, float]:
    """Peak memory and seconds of a process that works on one large transcript."""
    content = speech(LARGE_BYTES, lambda line: len(line) + 1)
    factories.transcript(factories.project(), content=content)
    worker = subprocess.run(
        [sys.executable, "-m", "benchmarks.pipeline", "--work"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return {"megabytes": round(len(content) / 1024**2, 1)} | json.loads(worker.stdout)


def work() -> dict[str, float]:
    """One job, as a worker process does it."""
    with create_app().app_context():
        idle = _megabytes()
        started = time.perf_counter()
        job.run_next()
        run = db.session.query(ExtractionRun).order_by(ExtractionRun.started_at.desc()).first()
        return {
            "idle_mb": idle,
            "peak_mb": _megabytes(),
            "seconds": round(time.perf_counter() - started, 1),
            "status": run.status,
            "parts": run.parts,
            "decisions": run.decision_count,
        }


def _megabytes() -> float:
    """The most memory that this process has held; getrusage would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


class PromptClaude(FaultyClaude):
    """Answers at once, and counts the seconds that it was asked for."""

    def __init__(self):
        super().__init__(faults=0, seed=1, hang_seconds=0)
        self.calls, self.spent = 0, 0.0

    def _answer(self, request):
        started = time.perf_counter()
        reply = super()._answer(request)
        self.requests.append(request)
        self.calls += 1
        self.spent += time.perf_counter() - started
        return reply


@click.command()
@click.option("--work", "as_worker", is_flag=True, hidden=True)
def main(as_worker: bool) -> None:
    """Print the figures as JSON, and fail where a bar is missed."""
    if as_worker:
        click.echo(json.dumps(work()))
        return
    claude = PromptClaude()
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = environment(folder, claude)
            with create_app(settings).app_context():
                upgrade()
                figures = {"meeting": overhead(claude), "large": peak(folder, settings)}
                db.session.remove()
                db.engine.dispose()
    finally:
        claude.close()
    click.echo(json.dumps(figures, indent=1))
    measured = figures["meeting"] | figures["large"]
    missed = [name for name, bar in BARS.items() if measured[name] > bar]
    if missed:
        raise click.ClickException(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
