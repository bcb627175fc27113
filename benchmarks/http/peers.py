"""What the product is measured against, served by the same gunicorn in the same worker model.

`/bare/<name>` returns prebuilt bytes, `/raw/…` asks the database in SQL and dumps with json.
`BENCHMARK_PEERS` names a JSON file with what they need.
"""

import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, request
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url

from benchmarks.filling import RARE

GIVEN = json.loads(Path(os.environ["BENCHMARK_PEERS"]).read_text())
PREBUILT = {name: text.encode() for name, text in GIVEN["prebuilt"].items()}
URL = make_url(GIVEN["database_url"])
SQLITE = URL.get_backend_name() == "sqlite"

PAGE = (
    "SELECT * FROM decisions WHERE project_id = {} AND deleted_at IS NULL"
    " ORDER BY meeting_date DESC, timestamp_seconds DESC, id DESC LIMIT 50"
)
COUNTS = (
    "SELECT discipline, meeting_type, status, count(*) AS count FROM decisions"
    " WHERE project_id = {} AND deleted_at IS NULL GROUP BY discipline, meeting_type, status"
)
SEARCH = (
    "SELECT decisions.* FROM decisions"
    " JOIN decision_search ON decision_search.decision_id = decisions.id {}"
    " AND project_id = {} AND deleted_at IS NULL"
    " ORDER BY meeting_date DESC, timestamp_seconds DESC, decisions.id DESC LIMIT 50"
)
FOUND_SQLITE = (
    "JOIN decision_search_fts ON decision_search_fts.rowid = decision_search.id"
    " WHERE decision_search_fts MATCH ?"
)
FOUND_POSTGRESQL = "WHERE vector @@ CAST(%s AS tsquery)"
DETAIL = "SELECT * FROM decisions WHERE id = {} AND deleted_at IS NULL"

app = Flask(__name__)
own = threading.local()


@app.get("/bare/<name>")
def bare(name: str) -> Response:
    return app.response_class(PREBUILT[name], mimetype="application/json")


@app.post("/bare/webhook")
def bare_webhook() -> tuple[Response, int]:
    request.get_data()
    return app.response_class(b'{"status": "queued"}', mimetype="application/json"), 202


@app.get("/raw/list")
def raw_list() -> Response:
    page, counts = rows(PAGE, GIVEN["project_id"]), rows(COUNTS, GIVEN["project_id"])
    return answer({"decisions": page, "total": sum(row["count"] for row in counts)})


@app.get("/raw/detail")
def raw_detail() -> Response:
    return answer(rows(DETAIL, GIVEN["decision_id"])[0])


@app.get("/raw/search")
def raw_search() -> Response:
    found, word = (FOUND_SQLITE, f'"{RARE}"*') if SQLITE else (FOUND_POSTGRESQL, f"'{RARE}':*")
    return answer({"decisions": rows(SEARCH.format(found, "{}"), GIVEN["project_id"], word)})


def rows(statement: str, row_id: str, *before: str) -> list[dict[str, Any]]:
    """A connection a thread, kept, and a transaction a request: no pool could be cheaper."""
    if SQLITE:
        connection = getattr(own, "connection", None)
        if connection is None:
            connection = own.connection = sqlite3.connect(URL.database)
            connection.row_factory = sqlite3.Row
        values = (*before, row_id.replace("-", ""))
        found = connection.execute(statement.format("?"), values)
        return [dict(row) for row in found]
    connection = getattr(own, "connection", None)
    if connection is None:
        dsn = URL.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = own.connection = psycopg.connect(dsn, row_factory=dict_row, autocommit=True)
    return connection.execute(statement.format("%s"), (*before, row_id)).fetchall()


def answer(value: Any) -> Response:
    return app.response_class(json.dumps(value, default=str), mimetype="application/json")
