import pytest

from decisionlog.extraction.claude import ClaudeExtractor
from tests.unit.extraction.messages_api import MessagesApi


@pytest.fixture
def api():
    server = MessagesApi()
    yield server
    server.close()


@pytest.fixture
def claude(api):
    """The extractor under the real SDK, without the SDK's own second try."""
    return ClaudeExtractor("sk-test", base_url=api.url, timeout=30.0, max_retries=0)
