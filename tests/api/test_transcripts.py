"""The transcripts of a project: in by hand, how far they are, once more from the start."""

import io
import uuid
from datetime import timedelta

import docx
import pytest
from sqlalchemy import select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, Decision, Transcript
from tests import factories

SPEECH = "[00:00:05] Ana: Good morning.\n[00:00:09] Rui: Agreed, we go with steel.\n"
VTT = (
    "WEBVTT\n\n00:00:05.000 --> 00:00:08.000\n<v Ana>Good morning.</v>\n\n"
    "00:00:09.000 --> 00:00:12.000\n<v Rui>Agreed, we go with steel.</v>\n"
)
SRT = (
    "1\n00:00:05,000 --> 00:00:08,000\nAna: Good morning.\n\n"
    "2\n00:00:09,000 --> 00:00:12,000\nRui: Agreed, we go with steel.\n"
)


def word(text):
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


@pytest.fixture
def path(project):
    return f"/projects/{project.id}/transcripts"


@pytest.fixture
def as_client(client, project):
    person = factories.user(role="client")
    factories.join(project, person)
    return client.signed_in(person)


@pytest.fixture
def as_outsider(client):
    return client.signed_in(factories.user())


@pytest.fixture
def as_viewer(client, project):
    person = factories.user()
    factories.join(project, person, "viewer")
    return client.signed_in(person)


def upload(api, path, content, name="meeting.txt", **fields):
    data = {"file": (io.BytesIO(content), name), **fields}
    return api.post(path, data=data, content_type="multipart/form-data")


def assert_problem(response, status, error, field=None):
    assert response.status_code == status, response.get_data(as_text=True)
    problem = response.get_json()
    assert problem["error"] == error
    if field:
        assert field in [entry["field"] for entry in problem["errors"]]


def test_a_transcript_as_json_is_stored_and_queued(as_architect, architect, path):
    response = as_architect.post(
        path,
        json={
            "transcript": SPEECH,
            "meeting_title": "Design review",
            "meeting_type": "client",
            "meeting_date": "2026-11-03",
            "participants": [{"name": "Ana", "email": "ana@example.com"}],
        },
    )
    assert response.status_code == 202
    row = db.session.get(Transcript, uuid.UUID(response.get_json()["transcript_id"]))
    assert (row.status, row.source, row.uploaded_by) == ("pending", "manual", architect.id)
    assert (row.content, row.meeting_title, row.meeting_type) == (SPEECH, "Design review", "client")


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("meeting.txt", SPEECH.encode(), "bracketed"),
        ("meeting.txt", b"\xef\xbb\xbf" + SPEECH.replace("\n", "\r\n").encode(), "bracketed"),
        ("meeting.vtt", VTT.encode(), "webvtt"),
        ("meeting.srt", SRT.encode(), "srt"),
        ("meeting.docx", word(SPEECH), "bracketed"),
    ],
)
def test_a_file_in_any_known_format_is_taken(as_architect, path, name, content, format):
    response = upload(as_architect, path, content, name, meeting_date="2026-11-03")
    assert response.status_code == 202, response.get_json()
    transcript = as_architect.get(f"/transcripts/{response.get_json()['transcript_id']}").get_json()
    assert transcript["format"] == format
    assert transcript["meeting_date"] == "2026-11-03"


def test_the_same_upload_again_is_a_duplicate(as_architect, path):
    first = upload(as_architect, path, SPEECH.encode(), meeting_date="2026-11-03")
    second = upload(as_architect, path, SPEECH.encode(), meeting_date="2026-11-03")
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.get_json()["transcript_id"] == second.get_json()["transcript_id"]


def test_the_same_words_in_two_projects_are_two_transcripts(as_director, project):
    paths = [f"/projects/{p.id}/transcripts" for p in (project, factories.project())]
    answers = [as_director.post(path, json={"transcript": SPEECH}).get_json() for path in paths]
    assert answers[0]["transcript_id"] != answers[1]["transcript_id"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.txt"),
        (b"   \n", "blank.txt"),
        (b"\xff\xfe\xff", "broken.txt"),
        (b"[00:00:01] Ana: caf\xe9", "latin1.txt"),
        (b"[00:00:01] Ana: a\x00b", "nul.txt"),
        (b"no one speaks here", "prose.txt"),
        (b"PK\x03\x04 not a zip", "fake.docx"),
        (b"plain", "plain.docx"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(as_architect, path, content, name):
    response = upload(as_architect, path, content, name)
    assert_problem(response, 422, "validation_error")
    assert as_architect.get(path).get_json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "transcript"),
        ({"transcript": ""}, "transcript"),
        ({"transcript": "  "}, "transcript"),
        ({"transcript": "Ana: a\0b"}, "transcript"),
        ({"transcript": SPEECH, "meeting_type": "party"}, "meeting_type"),
        ({"transcript": SPEECH, "meeting_date": "2026-13-01"}, "meeting_date"),
        ({"transcript": SPEECH, "duration_minutes": -1}, "duration_minutes"),
        ({"transcript": SPEECH, "participants": [{"email": "x@example.com"}]}, "participants"),
        ({"transcript": SPEECH, "surprise": 1}, "surprise"),
    ],
)
def test_a_bad_field_is_named(as_architect, path, body, field):
    response = as_architect.post(path, json=body)
    assert response.status_code == 422
    assert any(error["field"].startswith(field) for error in response.get_json()["errors"])


def test_a_form_without_a_file_is_refused(as_architect, path):
    response = as_architect.post(
        path, data={"meeting_title": "x"}, content_type="multipart/form-data"
    )
    assert_problem(response, 422, "validation_error", "file")


def test_a_file_that_is_no_file_is_refused(as_architect, path):
    response = as_architect.post(path, data={"file": "text"}, content_type="multipart/form-data")
    assert_problem(response, 422, "validation_error")


def test_what_is_too_large_is_refused(as_architect, path):
    as_architect.app.config["MAX_CONTENT_LENGTH"] = 1000
    response = as_architect.post(path, json={"transcript": SPEECH * 100})
    assert response.status_code == 413


def test_the_list_has_the_newest_first_and_pages(as_architect, project, path):
    now = clock.now()
    ids = [
        str(factories.transcript(project, created_at=now - timedelta(minutes=age)).id)
        for age in range(3)
    ]
    factories.transcript(factories.project())
    whole = as_architect.get(path).get_json()
    assert [row["id"] for row in whole["transcripts"]] == ids
    assert whole["total"] == 3
    page = as_architect.get(f"{path}?limit=1&offset=1").get_json()
    assert [row["id"] for row in page["transcripts"]] == ids[1:2]
    assert "content" not in page["transcripts"][0]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "limit=x", "surprise=1"])
def test_a_bad_page_is_refused(as_architect, path, query):
    assert_problem(as_architect.get(f"{path}?{query}"), 422, "validation_error")


def test_the_detail_tells_what_each_attempt_did(as_architect, project):
    transcript = factories.transcript(project, status="processed", attempts=2)
    factories.run(transcript, status="failed", error="Anthropic is busy (529)")
    factories.run(
        transcript,
        attempt=2,
        extractor="claude",
        model="claude-sonnet-5-5",
        input_tokens=1200,
        cost_usd="0.0034",
        rejected=[{"statement": "x", "quote": "never said", "reason": "not in the transcript"}],
    )
    factories.decision(project, transcript_id=transcript.id)
    factories.decision(project, transcript_id=transcript.id, deleted_at=clock.now())
    detail = as_architect.get(f"/transcripts/{transcript.id}").get_json()
    assert (detail["status"], detail["attempts"], detail["decision_count"]) == ("processed", 2, 1)
    first, second = detail["runs"]
    assert (first["status"], first["error"]) == ("failed", "Anthropic is busy (529)")
    assert (second["model"], second["input_tokens"]) == ("claude-sonnet-5-5", 1200)
    assert second["cost_usd"] == pytest.approx(0.0034)
    assert second["rejected"][0]["quote"] == "never said"


def test_outsiders_do_not_learn_that_a_transcript_exists(as_outsider, project, path):
    transcript = factories.transcript(project)
    for answer in (
        as_outsider.get(path),
        as_outsider.post(path, json={"transcript": SPEECH}),
        as_outsider.get(f"/transcripts/{transcript.id}"),
        as_outsider.post(f"/transcripts/{transcript.id}/reprocess"),
    ):
        assert_problem(answer, 404, "resource_not_found")


def test_clients_see_no_transcripts_and_bring_none(as_client, project, path):
    transcript = factories.transcript(project, status="processed")
    assert as_client.get(path).status_code == 403
    assert as_client.post(path, json={"transcript": SPEECH}).status_code == 403
    assert as_client.get(f"/transcripts/{transcript.id}").status_code == 404
    assert as_client.post(f"/transcripts/{transcript.id}/reprocess").status_code == 404


def test_viewers_read_but_bring_nothing(as_viewer, project, path):
    transcript = factories.transcript(project, status="processed")
    assert as_viewer.get(path).status_code == 200
    assert as_viewer.get(f"/transcripts/{transcript.id}").status_code == 200
    assert as_viewer.post(path, json={"transcript": SPEECH}).status_code == 403
    assert as_viewer.post(f"/transcripts/{transcript.id}/reprocess").status_code == 403


@pytest.mark.parametrize("status", ["processed", "failed"])
def test_a_director_starts_an_ended_transcript_again(as_director, director, project, status):
    transcript = factories.transcript(project, status=status, attempts=5, last_error="busy")
    response = as_director.post(f"/transcripts/{transcript.id}/reprocess")
    assert response.status_code == 202
    assert response.get_json()["status"] == "queued"
    db.session.expire_all()
    assert (transcript.status, transcript.attempts, transcript.last_error) == ("pending", 0, None)
    event = db.session.query(AuditEvent).filter_by(event="transcript.reprocessed").one()
    assert (event.user_id, event.subject_id) == (director.id, str(transcript.id))


def test_reprocessing_wakes_a_worker(app, as_director, project):
    transcript = factories.transcript(project, status="failed")
    as_director.post(f"/transcripts/{transcript.id}/reprocess")
    assert app.extensions["huey"].pending_count() == 1


@pytest.mark.parametrize("status", ["pending", "processing"])
def test_what_is_under_way_is_not_started_again(as_director, project, status):
    transcript = factories.transcript(project, status=status)
    response = as_director.post(f"/transcripts/{transcript.id}/reprocess")
    assert_problem(response, 409, "conflict")


def test_members_may_not_reprocess(as_architect, project):
    transcript = factories.transcript(project, status="failed")
    response = as_architect.post(f"/transcripts/{transcript.id}/reprocess")
    assert_problem(response, 403, "permission_denied")


def test_an_upload_goes_all_the_way_to_decisions(app, as_architect, project, path):
    speech = SPEECH + "[00:00:20] Rui: So we decided that the frame of the hall will be steel.\n"
    response = as_architect.post(path, json={"transcript": speech})
    huey = app.extensions["huey"]
    huey.execute(huey.dequeue())
    transcript_id = response.get_json()["transcript_id"]
    transcript = as_architect.get(f"/transcripts/{transcript_id}").get_json()
    assert (transcript["status"], transcript["decision_count"]) == ("processed", 1)
    decision = db.session.scalar(select(Decision))
    assert decision.quote in speech
    assert (decision.who, decision.timestamp_seconds) == ("Rui", 20)
    assert (decision.project_id, decision.source) == (project.id, "meeting")
