"""python -m benchmarks.scale [--database postgresql://…] [--sizes 1000 1000000] [--spread]

The same requests, in process, at several sizes of one project, and with `--spread` at the largest
size over 1,000 projects: medians, growth, plans and sizes of the indexes.
"""

import argparse
import json
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks import filling
from benchmarks.http.site import database
from decisionlog import create_app
from decisionlog.auth import sessions
from decisionlog.decisions import queries
from decisionlog.decisions.schemas import DecisionQuery
from decisionlog.extensions import db
from decisionlog.models import User

TIMES = 30
COMMON = filling.WORDS[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="a PostgreSQL server; SQLite without one")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--spread", action="store_true", help="over 1,000 projects, too")
    parser.add_argument("--json", type=argparse.FileType("w"))
    options = parser.parse_args()
    layouts = [(size, 1) for size in options.sizes]
    if options.spread:
        layouts.append((options.sizes[-1], 1_000))
    figures: dict[str, Any] = {}
    for size, projects in layouts:
        with (
            tempfile.TemporaryDirectory() as folder,
            database(options.database, Path(folder)) as url,
        ):
            name = f"{size:,} in {projects:,}"
            figures[name] = measure(url, folder, size, projects)
            print(f"\n{name}\n{json.dumps(figures[name], indent=1)}", flush=True)
    first, *_, last = [figures[f"{size:,} in 1"]["p50_ms"] for size in options.sizes]
    growth = {asked: round(last[asked] / first[asked], 2) for asked in first}
    print(f"\ngrowth from the first size to the last: {growth}")
    if options.json:
        json.dump(figures | {"growth": growth}, options.json, indent=1)


def measure(url: str, folder: str, size: int, projects: int) -> dict[str, Any]:
    app = create_app(
        {
            "DATABASE_URL": url,
            "QUEUE_URL": f"sqlite:///{folder}/queue.db",
            "RATELIMIT_DEFAULT": "1000000 per minute",
        }
    )
    with app.app_context():
        began = time.perf_counter()
        project_id, token = _fill(app, size, projects)
        filled = time.perf_counter() - began
        _analyse()
        client = app.test_client()
        times = {name: ask(client, path, token) for name, path in _paths(client, project_id, token)}
        figures: dict[str, Any] = {
            "fill_seconds": round(filled, 1),
            "p50_ms": {name: round(1000 * seconds, 2) for name, seconds in times.items()},
            "sizes_mb": _sizes(),
            "plans": _plans(project_id),
        }
        db.session.remove()
        db.engine.dispose()
    return figures


def _fill(app: Any, size: int, projects: int) -> tuple[uuid.UUID, dict[str, str]]:
    flask_migrate.upgrade()
    reader = User(email="reader@example.com", name="Reader", role="director", password_hash="-")
    db.session.add(reader)
    db.session.flush()
    ids = [filling.project(f"Project {number:04}").id for number in range(projects)]
    with app.test_request_context():
        pair = sessions.start(reader)
    db.session.commit()
    filling.decisions(ids, None, size)
    return ids[0], {"Authorization": f"Bearer {pair.access_token}"}


def _paths(client: FlaskClient, project_id: uuid.UUID, token: dict[str, str]):
    """The requests by name. The deep page starts at the end of the order and comes by cursor."""
    listing = f"/projects/{project_id}/decisions"
    last = client.get(f"{listing}?limit=50&sort_order=asc", headers=token).get_json()
    middle = client.get(f"{listing}?limit=50&date_to=2024-06-01", headers=token).get_json()[
        "next_cursor"
    ]
    yield "list", f"{listing}?limit=50"
    if middle:
        yield "deep page by cursor", f"{listing}?limit=50&cursor={middle}"
    yield "rare word", f"{listing}?limit=50&search={filling.RARE}"
    yield "common word", f"{listing}?limit=50&search={COMMON}"
    yield "one discipline", f"{listing}?limit=50&discipline=structural"
    yield "detail", f"/decisions/{last['decisions'][0]['id']}"
    yield "projects", "/projects?limit=50"


def ask(client: FlaskClient, path: str, token: dict[str, str]) -> float:
    """The median of many answers, in seconds, after one that warms up."""
    taken = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        answer = client.get(path, headers=token)
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
        if sum(taken) > 20:
            break
    return median(taken[1:] or taken)


def _on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _analyse() -> None:
    if _on_postgresql():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    else:
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()


def _sizes() -> dict[str, float]:
    """Megabytes by table and index of the record."""
    if _on_postgresql():
        statement = (
            "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'i')"
            " AND (relname LIKE '%decision%') AND pg_relation_size(oid) > 1000000"
        )
        return {name: round(size / 1e6, 1) for name, size in db.session.execute(sa.text(statement))}
    pages = db.session.scalar(sa.text("PRAGMA page_count"))
    return {"file": round(pages * db.session.scalar(sa.text("PRAGMA page_size")) / 1e6, 1)}


def _plans(project_id: uuid.UUID) -> dict[str, list[str]]:
    reader = db.session.scalar(sa.select(User))
    asked = {"page": queries.page_statement, "counts": queries.counts_statement}
    return {
        name: _explain(make(reader, project_id, DecisionQuery())) for name, make in asked.items()
    }


def _explain(statement: sa.Select[Any]) -> list[str]:
    dialect = postgresql.dialect() if _on_postgresql() else sqlite.dialect()
    told = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN" if _on_postgresql() else "EXPLAIN QUERY PLAN"
    return [str(row[-1]) for row in db.session.execute(sa.text(f"{how} {told}"))]


if __name__ == "__main__":
    main()
