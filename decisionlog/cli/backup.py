"""`flask backup` and `flask restore`: the database, while the product runs."""

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from psycopg.conninfo import make_conninfo
from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url

from decisionlog import clock
from decisionlog.extensions import db


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write a consistent copy of the database to TARGET, while it is in use.

    A folder gets a file named by the moment. On SQLite it is a database again, on PostgreSQL an
    archive of pg_dump. Secrets and settings are not in it.
    """
    if target.is_dir():
        target = target / f"decisionlog-{clock.now():%Y-%m-%dT%H%M%SZ}.backup"
    if target.exists():
        raise click.ClickException(f"{target} exists already.")
    # Whole or not at all: what looks like a backup must be one.
    unfinished = target.with_name(target.name + ".part")
    unfinished.touch(mode=0o600)
    try:
        _dump(_url(), unfinished)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{target}: {target.stat().st_size} bytes.")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(source: Path) -> None:
    """Fill the empty database of DATABASE_URL from a SOURCE that `flask backup` made."""
    # The queue's own tables may be there: it makes them when it is first spoken to.
    filled = set(inspect(db.engine).get_table_names()) & {*db.metadata.tables, "alembic_version"}
    # The pool's connections would hold the file that is written.
    db.engine.dispose()
    if filled:
        raise click.ClickException("The database is not empty; restore into a new one.")
    _load(_url(), source)
    click.echo("Restored. Now run `flask db upgrade`, then start web and worker.")


def _url() -> URL:
    return make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])


def _dump(url: URL, target: Path) -> None:
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(url.database, target)
    else:
        # Who owns what is the business of the server it goes to, and what a queue holds is over.
        without = ("--no-owner", "--exclude-schema=queue", "--exclude-table=huey*")
        _run(url, "pg_dump", "--format=custom", *without, f"--file={target}")


def _load(url: URL, source: Path) -> None:
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(source, url.database)
    else:
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run(url, "pg_restore", *options, str(source))


def _copy_sqlite(source: str | Path, target: str | Path) -> None:
    """The online backup (https://www.sqlite.org/backup.html): one moment's state, WAL included."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as origin,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        try:
            origin.backup(copy)
            [(verdict,)] = copy.execute("PRAGMA integrity_check(1)")
        except sqlite3.DatabaseError as error:
            raise click.ClickException(f"SQLite: {error}.") from error
    if verdict != "ok":
        raise click.ClickException(f"The copy is damaged: {verdict}.")


def _run(url: URL, tool: str, *arguments: str) -> None:
    """A tool of PostgreSQL on our database. The password goes where `ps` does not show it."""
    named = url.translate_connect_args(username="user", database="dbname")
    password = named.pop("password", None)
    address = make_conninfo(**named, **url.query)
    secret = {"PGPASSWORD": password} if password else {}
    try:
        done = subprocess.run(  # noqa: S603 (fixed words, our own settings, a path)
            [tool, f"--dbname={address}", *arguments],
            env=os.environ | secret,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise click.ClickException(f"{tool} is missing: install PostgreSQL's client.") from error
    if done.returncode != 0:
        raise click.ClickException(f"{tool}: {done.stderr.strip()[-500:]}")
