"""Runs the migrations on the database of the current application (see Flask-Migrate)."""

from alembic import context
from flask import current_app

from decisionlog.extensions import db
from decisionlog.models.base import UTCDateTime

# What is not the models': the search indexes are tables of their own kind on each database, and the
# queue makes its own tables where it lives in PostgreSQL.
NOT_OURS = ("decision_search", "passage_search", "huey_")


def include_name(name, kind, parents):
    return kind != "table" or not name.startswith(NOT_OURS)


def render_item(kind, item, autogen_context):
    # A migration must mean the same when the models have moved on.
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run():
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=include_name,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
