import pytest

from decisionlog import production


@pytest.fixture
def plain_database(monkeypatch):
    """Lets a production app work on the suite's own database, which may speak no TLS. That
    production insists on it is proven by test_start and test_postgres."""
    monkeypatch.setattr(production, "_database_faults", lambda settings: [])
