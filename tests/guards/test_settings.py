"""A setting is in config.py, and everywhere that people look for it."""

import re

from config import BASE_DIR, Settings
from tests.guards import settings_table

REFRESH = "run: python -m tests.guards.settings_table"


def test_the_example_environment_lists_every_setting():
    assert settings_table.ENV_EXAMPLE.read_text("utf-8") == settings_table.env_example(), REFRESH


def test_the_readme_lists_every_setting():
    readme = settings_table.README.read_text("utf-8")
    assert settings_table.readme_with_table(readme) == readme, REFRESH
    assert settings_table.readme_table() in readme


def test_every_setting_says_what_it_does():
    assert all(field.description for field in Settings.model_fields.values())


def test_only_config_reads_the_environment():
    # These hand their own environment on to the processes that they start.
    allowed = {"demo.py", "backup.py"}
    for path in (BASE_DIR / "decisionlog").rglob("*.py"):
        if path.name not in allowed:
            assert not re.search(r"os\.environ|os\.getenv|getenv\(", path.read_text("utf-8")), path
