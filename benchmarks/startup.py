"""How long a start takes: `python -m benchmarks.startup`.

CPU seconds of a fresh process, the least of several runs, beside a process that imports only Flask
and SQLAlchemy. CPU time, since what else the machine does is not the product's. Everything starts
from bytecode, as it does once installed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile

BASE = "import flask, sqlalchemy"
STARTS = {
    "base": ["-c", BASE],
    "create_app": ["-c", "from decisionlog import create_app; create_app()"],
    "wsgi": ["-c", "import wsgi"],
    "help": ["-m", "flask", "--help"],
}
# What the application can't be without: the libraries alone, without a line of ours.
STARTS["libraries"] = [
    "-c",
    f"{BASE}, sqlalchemy.orm, flask_sqlalchemy, flask_migrate, flask_jwt_extended, flask_limiter,"
    " flask_cors, pydantic_settings, spectree, structlog; from pydantic import BaseModel",
]


def cpu_seconds(arguments: list[str], bytecode: str) -> float:
    """User and system time of one process that keeps bytecode in the folder `bytecode`."""
    settings = os.environ | {"PYTHONPYCACHEPREFIX": bytecode}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=settings
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(runs: int) -> dict[str, float]:
    """CPU seconds by the name of the start; the starts take turns, the first only compiles."""
    least = dict.fromkeys(STARTS, float("inf"))
    with tempfile.TemporaryDirectory() as bytecode:
        for _ in range(runs + 1):
            for name, arguments in STARTS.items():
                least[name] = min(least[name], cpu_seconds(arguments, bytecode))
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=argparse.FileType("w"), help="write the figures here too")
    options = parser.parse_args()
    figures = measure(options.runs)
    for name, seconds in figures.items():
        print(f"{name:12} {seconds:6.2f} s CPU   {seconds / figures['base']:5.2f} x base")
    if options.json:
        json.dump(figures, options.json, indent=1)


if __name__ == "__main__":
    main()
