import pytest
from hypothesis import settings

from decisionlog.extraction.claude import ClaudeExtractor
from tests.unit.extraction.messages_api import MessagesApi

settings.register_profile("thorough", max_examples=10_000, deadline=None)


@pytest.fixture
def api():
    server = MessagesApi()
    yield server
    server.close()


@pytest.fixture
def claude(api):
    """The extractor under the real SDK, without the SDK's own second try."""
    return ClaudeExtractor("sk-test", base_url=api.url, timeout=30.0, max_retries=0)
