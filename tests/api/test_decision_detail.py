"""GET /decisions/{id}."""

import uuid

import pytest

from decisionlog import clock
from decisionlog.extraction.drafts import Evidence
from decisionlog.jobs.store import excerpt
from decisionlog.transcripts import parse
from tests import factories
from tests.problems import assert_problem, assert_same_bytes
from tests.statements import recorded_statements

SPEECH = "\n".join(
    [
        *(f"[00:0{minute}:00] Ana: Some words about item {minute}." for minute in range(1, 9)),
        "[00:09:00] Rui: After all this I think that we go with steel, all agreed?",
        *(f"[00:1{minute}:00] Ana: Some words about item 1{minute}." for minute in range(9)),
    ]
)


def test_the_excerpt_holds_the_quote_where_it_says(as_architect, project):
    speech = parse(SPEECH)
    turn, quote = speech.turns[8], "we go with steel"
    start = turn.char_start + turn.text.index(quote)
    row = factories.decision(
        project,
        quote=quote,
        excerpt=excerpt(speech.text, Evidence(quote, turn, start, start + len(quote))),
    )
    found = as_architect.get(f"/decisions/{row.id}").get_json()["transcript_excerpt"]
    assert found["text"][found["quote_start"] : found["quote_end"]] == quote
    assert speech.text[found["start"] : found["end"]] == found["text"]
    assert len(found["text"]) > len(turn.text)


def test_a_decision_shows_its_meeting(as_architect, project):
    transcript = factories.transcript(project, meeting_id="m-7", duration_minutes=50)
    row = factories.decision(
        project,
        transcript_id=transcript.id,
        meeting_title="Design review",
        meeting_participants=[{"name": "Ana", "email": "ana@example.com", "role": "architect"}],
    )
    assert as_architect.get(f"/decisions/{row.id}").get_json()["meeting"] == {
        "id": "m-7",
        "title": "Design review",
        "type": "internal",
        "date": "2026-11-03",
        "duration_minutes": 50,
        "participants": [{"name": "Ana", "email": "ana@example.com", "role": "architect"}],
    }


def test_a_decision_without_a_transcript_has_no_excerpt(as_architect, project):
    row = factories.decision(project, source="manual", quote="", evidence=[])
    body = as_architect.get(f"/decisions/{row.id}").get_json()
    assert body["transcript_excerpt"] is None
    assert body["meeting"]["id"] is None


def test_the_etag_begins_with_the_version_and_tells_of_new_relationships(as_architect, project):
    row, other = factories.decision(project), factories.decision(project)
    before = as_architect.get(f"/decisions/{row.id}")
    factories.link(row, other)
    after = as_architect.get(f"/decisions/{row.id}")
    assert before.get_json()["version"] == after.get_json()["version"] == 1
    assert before.get_etag()[0].startswith("1-")
    assert after.get_etag()[0].startswith("1-")
    assert before.get_etag() != after.get_etag()


def test_relationships_are_told_from_both_sides(as_architect, project):
    cause, effect = factories.decision(project), factories.decision(project)
    link = factories.link(cause, effect)
    suggested = factories.link(effect, cause, "supports", confirmed_at=None)
    assert as_architect.get(f"/decisions/{cause.id}").get_json()["relationships"] == [
        {
            "id": str(link.id),
            "type": "triggered",
            "direction": "outgoing",
            "decision_id": str(effect.id),
            "decision_statement": effect.decision_statement,
            "confirmed": True,
        },
        {
            "id": str(suggested.id),
            "type": "supports",
            "direction": "incoming",
            "decision_id": str(effect.id),
            "decision_statement": effect.decision_statement,
            "confirmed": False,
        },
    ]
    [first, _] = as_architect.get(f"/decisions/{effect.id}").get_json()["relationships"]
    assert first["direction"] == "incoming"
    assert first["decision_id"] == str(cause.id)


def test_a_relationship_to_a_deleted_decision_is_not_shown(as_architect, project):
    row = factories.decision(project)
    factories.link(row, factories.decision(project, deleted_at=clock.now()))
    assert as_architect.get(f"/decisions/{row.id}").get_json()["relationships"] == []


@pytest.fixture
def as_client(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    return client.signed_in(person)


def test_a_client_sees_nothing_of_what_is_not_theirs(as_client, project):
    shown = factories.decision(project, meeting_type="client", status="approved")
    hidden = [
        factories.decision(project, meeting_type="client"),
        factories.decision(project, meeting_type="internal", status="approved"),
    ]
    for row in hidden:
        factories.link(shown, row)
        factories.link(row, shown, "supports")
    body = as_client.get(f"/decisions/{shown.id}").get_json()
    assert body["relationships"] == []
    assert body["similar_decisions"] == []
    nothing = as_client.get(f"/decisions/{uuid.uuid4()}")
    for row in hidden:
        assert_same_bytes(as_client.get(f"/decisions/{row.id}"), nothing)


def test_an_outsider_is_told_the_same_as_for_what_does_not_exist(as_architect):
    theirs = factories.decision(factories.project())
    nothing = as_architect.get(f"/decisions/{uuid.uuid4()}")
    assert_problem(nothing, 404, "resource_not_found")
    assert_same_bytes(as_architect.get(f"/decisions/{theirs.id}"), nothing)
    assert_same_bytes(as_architect.get("/decisions/42"), nothing)


def test_a_deleted_decision_and_one_of_an_archived_project_are_gone(as_director, project):
    deleted = factories.decision(project, deleted_at=clock.now())
    archived = factories.decision(factories.project(archived_at=clock.now()))
    for row in (deleted, archived):
        assert_problem(as_director.get(f"/decisions/{row.id}"), 404, "resource_not_found")


def test_the_detail_costs_the_same_queries_however_many_relationships(as_architect, project):
    row = factories.decision(project)
    factories.link(row, factories.decision(project))
    with recorded_statements() as few:
        as_architect.get(f"/decisions/{row.id}")
    for _ in range(6):
        factories.link(row, factories.decision(project))
    with recorded_statements() as many:
        as_architect.get(f"/decisions/{row.id}")
    assert len(many) == len(few)


def test_a_client_reads_no_notes_that_quote_other_decisions(
    client, as_client, as_director, project
):
    notes = "Reverses “The frame will be timber.” (2026-05-04): Steel is cheaper."
    row = factories.decision(
        project, meeting_type="client", status="approved", consistency_notes=notes
    )
    paths = (
        f"/decisions/{row.id}",
        f"/projects/{project.id}/decisions",
        f"/projects/{project.id}/export?format=json",
        f"/projects/{project.id}/search?q=frame",
    )
    for path in paths:
        assert "timber" in as_director.get(path).get_data(as_text=True)
        body = as_client.get(path).get_data(as_text=True)
        assert str(row.id) in body
        assert "timber" not in body
