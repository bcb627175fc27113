"""Words for Markdown."""

import re

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")


def escaped(text: str) -> str:
    """One line that Markdown takes for words: no heading, link, table or HTML comes of it."""
    line = SPECIAL.sub(r"\\\1", " ".join(text.split()))
    # At the beginning of a line these would make a list.
    return re.sub(r"^(\d+)([.)])|^([-+])", lambda m: f"{m[1] or ''}\\{m[2] or m[3]}", line)
