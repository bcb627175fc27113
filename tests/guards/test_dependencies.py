"""A dependency says why it is here, and CI installs a version that is written down."""

import configparser
import re

import pytest

from config import BASE_DIR


def declared():
    setup = configparser.ConfigParser()
    setup.read(BASE_DIR / "setup.cfg")
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    lines = [line for text in lists for line in text.split("\n") if line.strip()]
    return sorted({re.match(r"[\w.-]+", line.strip())[0].lower() for line in lines})


@pytest.mark.parametrize("name", declared())
def test_a_dependency_is_justified(name):
    assert f"| {name} |" in (BASE_DIR / "docs" / "dependencies.md").read_text("utf-8")


@pytest.mark.parametrize("name", declared())
def test_a_dependency_is_pinned_for_ci(name):
    pinned = (BASE_DIR / "constraints.txt").read_text("utf-8").lower().replace("_", "-")
    assert re.search(rf"^{re.escape(name)}==", pinned, re.MULTILINE)
