"""What a start must not pay for."""

import os
import subprocess
import sys

from config import BASE_DIR

# Heavy, and needed only by some requests, some jobs, some commands or some files.
ON_DEMAND = (
    "anthropic",
    "decisionlog.cli.demo",
    "decisionlog.extraction",
    "docx",
    "email_validator",
    "httpx2",
    "huey",
    "lxml",
    "numpy",
    "psycopg",
    "rapidfuzz",
    "redis",
    "rich.progress",
    "schemathesis",
    "segno",
    "sentry_sdk",
    "webvtt",
    "zxcvbn",
)


def test_gunicorns_master_keeps_nothing_of_ours_that_new_workers_would_inherit():
    code = (
        "import runpy, sys; runpy.run_path('gunicorn.conf.py');"
        "print([name for name in sys.modules if name.split('.')[0] in ('config', 'decisionlog')])"
    )
    master = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=BASE_DIR
    )
    assert master.stdout.strip() == "[]"


def test_a_start_imports_nothing_that_only_some_of_the_work_needs():
    code = (
        "import sys; from decisionlog import create_app; create_app();"
        f"print([name for name in {ON_DEMAND} if name in sys.modules])"
    )
    # With the settings that are the default: another database needs its driver.
    settings = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    started = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=settings,
    )
    assert started.stdout.strip() == "[]"
