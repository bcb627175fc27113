import pytest

from tests.mail_server import serving


@pytest.fixture
def mailbox():
    with serving() as mailbox:
        yield mailbox
