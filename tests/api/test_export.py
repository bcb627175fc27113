"""GET /projects/{id}/export."""

import csv
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select

from decisionlog import exports
from decisionlog.decisions import queries
from decisionlog.extensions import db
from decisionlog.models import AuditEvent
from tests import factories
from tests.problems import assert_problem

RECORD = dict.fromkeys(exports.csv.COLUMNS) | {
    "decision_statement": "Brick it is",
    "meeting_date": "2026-11-03",
    "who": "Ana",
    "why": "",
    "quote": "",
    "impacts": [],
    "consensus": {},
    "approval_notes": "",
}


@pytest.fixture
def export(as_architect, project):
    def get(form, query=""):
        response = as_architect.get(f"/projects/{project.id}/export?format={form}&{query}")
        assert response.status_code == 200
        return response

    return get


def read_csv(response):
    text = response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_is_a_line_a_decision(export, project):
    factories.decision(
        project,
        decision_statement='Say "yes",\nthen build; ação',
        impacts=[{"type": "budget", "change": "-1"}],
    )
    response = export("csv")
    assert response.mimetype == "text/csv"
    [row] = read_csv(response)
    assert row["decision_statement"] == 'Say "yes",\nthen build; ação'
    assert json.loads(row["impacts"]) == [{"type": "budget", "change": "-1"}]
    assert row["meeting_date"] == "2026-11-03"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_no_cell_is_a_formula(export, project, start):
    factories.decision(project, decision_statement=f"{start}1+1", who="@SUM(A1)")
    [row] = read_csv(export("csv"))
    assert row["decision_statement"] == f"'{start}1+1"
    assert row["who"] == "'@SUM(A1)"


def test_json_is_what_the_list_says(export, as_architect, project):
    for number in range(3):
        factories.decision(project, decision_statement=f"Número {number}")
    body = json.loads(export("json").get_data())
    listed = as_architect.get(f"/projects/{project.id}/decisions").get_json()
    assert body == {"project": project.name, "decisions": listed["decisions"]}


def test_an_empty_project_is_a_valid_file_in_every_format(export):
    assert json.loads(export("json").get_data())["decisions"] == []
    assert read_csv(export("csv")) == []
    assert zipfile.ZipFile(io.BytesIO(export("zip").get_data())).namelist() == []
    assert export("md").get_data(as_text=True).startswith("# Project")


def test_markdown_holds_madr_records(export, project):
    factories.decision(
        project,
        decision_statement="Use *steel*",
        why="<b>Lighter</b>",
        impacts=[{"type": "risk", "change": "lower"}],
        consensus={"mep": "AGREE"},
        approval_notes="1. Fine",
    )
    text = export("md").get_data(as_text=True)
    for expected in (
        "## Use \\*steel\\*\n",
        "* status: proposed\n",
        "* date: 2026-11-03\n",
        "* consulted: mep AGREE\n",
        "### Context and Problem Statement\n\n\\<b\\>Lighter\\</b\\>\n",
        "### Decision Outcome\n",
        "> We go with steel.\n>\n> Rui Costa, 00:00:09\n",
        "* risk: lower\n",
        "### Confirmation\n\n1\\. Fine\n",
    ):
        assert expected in text


def test_a_zip_holds_a_file_a_decision(export, project):
    factories.decision(project, decision_statement="../../etc: the Frame", timestamp_seconds=2)
    factories.decision(project, decision_statement="¿¡!", timestamp_seconds=1)
    archive = zipfile.ZipFile(io.BytesIO(export("zip").get_data()))
    assert archive.testzip() is None
    assert archive.namelist() == ["0001-etc-the-frame.md", "0002-decision.md"]
    assert archive.read("0001-etc-the-frame.md").decode().startswith("# ../../etc: the Frame\n")


def test_filters_and_order_are_those_of_the_list(export, project):
    for day in (1, 3, 2):
        factories.decision(project, meeting_date=date(2026, 11, day), discipline="mep")
    factories.decision(project)
    rows = read_csv(export("csv", "discipline=mep&sort_order=asc"))
    assert [row["meeting_date"] for row in rows] == ["2026-11-01", "2026-11-02", "2026-11-03"]


def test_a_client_takes_away_only_what_they_may_see(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    shown = factories.decision(project, meeting_type="client", status="approved")
    factories.decision(project)
    as_client = client.signed_in(person)
    for form in ("csv", "json"):
        text = as_client.get(f"/projects/{project.id}/export?format={form}").get_data(as_text=True)
        assert text.count("We go with steel.") == (1 if form == "csv" else 2)
        assert str(shown.id) in text


def test_an_export_is_a_download_that_is_audited(export, project, architect):
    disposition = export("csv").headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=")
    assert ".csv" in disposition
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.event == "project.exported"))
    assert (event.user_id, event.project_id) == (architect.id, project.id)


def test_more_decisions_than_one_block_are_all_there(export, project, monkeypatch):
    monkeypatch.setattr(queries, "BLOCK", 3)
    for _ in range(8):
        factories.decision(project)
    assert len(json.loads(export("json").get_data())["decisions"]) == 8


def test_an_export_is_sent_while_it_is_made(as_architect, project):
    for _ in range(3):
        factories.decision(project)
    response = as_architect.get(f"/projects/{project.id}/export?format=json", buffered=False)
    assert response.is_streamed
    assert response.headers.get("Content-Length") is None


@pytest.mark.parametrize("form", exports.FORMATS)
def test_an_export_goes_on_when_the_request_has_ended(app, as_architect, project, form):
    """In a thread without the test's own context, which would keep the session open."""
    factories.decision(project)
    path = f"/projects/{project.id}/export?format={form}"
    db.session.rollback()

    def get():
        response = app.test_client().get(path, headers=as_architect.headers, buffered=False)
        return response.status_code, response.get_data()

    with ThreadPoolExecutor(1) as pool:
        status, content = pool.submit(get).result()
    assert status == 200
    assert form == "zip" or b"We go with steel." in content


def test_an_unknown_format_and_an_outsider_are_refused(as_architect, project):
    bad = as_architect.get(f"/projects/{project.id}/export?format=pdf")
    assert_problem(bad, 422, "validation_error", "format")
    theirs = as_architect.get(f"/projects/{factories.project().id}/export")
    assert_problem(theirs, 404, "resource_not_found")


@pytest.mark.parametrize("name", exports.FORMATS)
def test_every_format_says_what_it_is_and_streams(name):
    form = exports.FORMATS[name]
    assert form.MIMETYPE
    assert name == form.EXTENSION
    asked = []
    pieces = form.write("Many", (asked.append(n) or RECORD for n in range(1000)))
    next(pieces)
    assert len(asked) <= 1
    written = b"".join(pieces)
    assert name == "zip" or written.count(b"Brick it is") >= 1000
