import pytest
import sqlalchemy as sa

from decisionlog.extensions import db


def test_a_connection_that_the_server_has_closed_is_replaced_before_anybody_notices(app):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could go away")
    db.session.execute(sa.text("SELECT 1"))
    db.session.remove()
    engine = sa.create_engine(db.engine.url, poolclass=sa.NullPool)
    with engine.connect() as admin:
        admin.execute(
            sa.text(
                # With a time-out it waits until the other end has really gone.
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert db.session.scalar(sa.text("SELECT 1")) == 1
