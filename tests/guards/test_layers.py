"""The arrows of the house run one way."""

import ast

import pytest

from config import BASE_DIR

PACKAGE = BASE_DIR / "decisionlog"
PURE = ("transcripts", "extraction", "exports")


def imports(path):
    """Every module that a file imports, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(*folders):
    for folder in folders:
        yield from sorted((PACKAGE / folder).rglob("*.py"))


@pytest.mark.parametrize("path", list(files(*PURE)), ids=str)
def test_pure_packages_know_neither_flask_nor_the_database(path):
    allowed = tuple(f"decisionlog.{name}" for name in (*PURE, "vocabulary"))
    for name in imports(path):
        assert not name.startswith(("flask", "sqlalchemy", "huey", "config")), name
        if name.startswith("decisionlog"):
            assert name.startswith(allowed), name


def test_transcripts_do_not_know_extraction():
    for path in files("transcripts"):
        assert not any(name.startswith("decisionlog.extraction") for name in imports(path)), path


def test_only_the_claude_extractor_knows_the_sdk():
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in files(".")
        if any(name.split(".")[0] == "anthropic" for name in imports(path))
    }
    assert users == {"extraction/claude.py"}


def test_time_comes_from_the_clock_only():
    clock = PACKAGE / "clock.py"
    forbidden = ("datetime.now", "datetime.utcnow", "date.today", "time.time(", "time.monotonic")
    for path in files("."):
        if path != clock:
            source = path.read_text("utf-8")
            assert not any(call in source for call in forbidden), path


def test_randomness_comes_from_secrets_only():
    for path in files("."):
        assert not any(name.split(".")[0] == "random" for name in imports(path)), path


def test_models_know_nothing_above_them():
    above = tuple(f"decisionlog.{name}" for name in ("auth", "decisions", "webhook", "jobs", "cli"))
    for path in files("models"):
        assert not any(name.startswith(above) for name in imports(path)), path


def test_routes_hold_no_select():
    for path in sorted(PACKAGE.rglob("*routes.py")):
        assert "sqlalchemy.select" not in set(imports(path)), path


def test_no_file_is_two_rooms():
    paths = [BASE_DIR / "config.py", *files("."), *(BASE_DIR / "tests").rglob("*.py")]
    long = [path for path in paths if len(path.read_text("utf-8").splitlines()) > 400]
    assert long == []
