"""Which SQL a piece of code sends, and how the database would run it."""

from contextlib import contextmanager

import sqlalchemy as sa

from decisionlog.extensions import db


@contextmanager
def recorded_statements():
    """Collects (SQL, parameters) of every statement that is run inside the block."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        seen.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def plan(statement, parameters, without=("seqscan",)) -> str:
    """The database's plan for a recorded statement, as text.

    PostgreSQL reads a table of a few rows whole, or row by row: the question is which index could
    be used, so the ways of `without` are made dear.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    with db.engine.connect() as connection:
        if not sqlite:
            for way in without:
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)
