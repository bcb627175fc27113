"""Which extractor the settings ask for."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from decisionlog.extraction.claude import ClaudeExtractor
from decisionlog.extraction.drafts import Extractor

# Making a client reads the trusted certificates, which takes as long as parsing a meeting; one
# that is kept also keeps its connection.
_claude = lru_cache(maxsize=1)(ClaudeExtractor)


def from_settings(settings: Mapping[str, Any], name: str | None = None) -> Extractor:
    """The extractor called `name` (claude, offline); by default Claude where there is a key."""
    if name is None:
        name = "claude" if settings["ANTHROPIC_API_KEY"] else "offline"
    if name == "offline":
        # Its cues are hundreds of patterns: only who extracts without Claude waits for them.
        from decisionlog.extraction.offline import OfflineExtractor

        return OfflineExtractor()
    return _claude(
        api_key=settings["ANTHROPIC_API_KEY"],
        model=settings["EXTRACTION_MODEL"],
        base_url=settings["ANTHROPIC_BASE_URL"] or None,
        timeout=settings["EXTRACTION_TIMEOUT_SECONDS"],
    )
