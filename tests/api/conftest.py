import pytest

from tests.mail_server import serving


@pytest.fixture
def mailbox():
    with serving() as mailbox:
        yield mailbox


@pytest.fixture
def listing(as_architect, project):
    """`listing("status=approved")` is the answer's body."""

    def get(query=""):
        response = as_architect.get(f"/projects/{project.id}/decisions?{query}")
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    return get
