"""The settings as README and .env.example show them, made from config.py.

`python -m tests.guards.settings_table` writes both anew.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from config import BASE_DIR, Settings

README = BASE_DIR / "README.md"
ENV_EXAMPLE = BASE_DIR / ".env.example"
BEGIN, END = "<!-- settings: made from config.py -->", "<!-- /settings -->"


def readme_table() -> str:
    """A Markdown table of every setting."""
    lines = ["| setting | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _text(field.default)
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {_cell(field.description)} |")
    return "\n".join(lines)


def env_example() -> str:
    """Every setting, commented out, with its default."""
    blocks = [
        "# Copy to .env and take the # away from what you change. Every line shows the default;\n"
        "# README.md has the table, config.py the types.\n"
    ]
    for name, field in Settings.model_fields.items():
        blocks.append(f"# {field.description}\n#{name}={_text(field.default)}\n")
    return "\n".join(blocks)


def readme_with_table(readme: str) -> str:
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{readme_table()}\n{END}", readme)


def _text(default: Any) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, timedelta):
        return str(int(default.total_seconds()))
    return str(default)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def write(path: Path, content: str) -> None:
    path.write_text(content, "utf-8")


if __name__ == "__main__":
    write(README, readme_with_table(README.read_text("utf-8")))
    write(ENV_EXAMPLE, env_example())
