"""GET /projects/{id}/decisions: what is in it, filters and facets."""

import itertools
import uuid
from datetime import date, datetime, timedelta, timezone

import pytest

from decisionlog import clock
from decisionlog.decisions import queries
from decisionlog.extensions import db
from tests import factories
from tests.api.lists import ids
from tests.problems import assert_problem, assert_same_bytes


def test_a_decision_stands_on_the_wire_with_every_field(listing, project):
    row = factories.decision(
        project,
        why="Faster to build.",
        causation="cost_saving",
        impacts=[{"type": "budget", "change": "-40,000"}],
        consensus={"structural": "AGREE", "mep": "DISAGREE"},
        anomaly_flags=[{"type": "high_dissent", "severity": "medium", "description": "One of two"}],
        meeting_participants=[{"name": "Rui Costa", "email": None, "role": "engineer"}],
    )
    [found] = listing()["decisions"]
    assert found["id"] == str(row.id)
    assert found["timestamp"] == "00:00:09"
    assert found["quote"] == found["evidence"][0]["quote"] == "We go with steel."
    assert found["impacts"] == [{"type": "budget", "change": "-40,000"}]
    assert found["consensus"] == {"structural": "AGREE", "mep": "DISAGREE"}
    assert found["approved"] is False
    assert found["created_at"].endswith("Z")
    assert set(found) == {
        *"id project_id transcript_id decision_statement who timestamp quote discipline".split(),
        *"why causation impacts evidence consensus confidence anomaly_flags".split(),
        *"consistency_notes status review_on source approved approved_by approved_at".split(),
        *"approval_notes meeting_title meeting_type meeting_date meeting_participants".split(),
        *"created_at updated_at".split(),
    }


def test_an_unknown_moment_has_no_timestamp(listing, project):
    factories.decision(project, timestamp_seconds=-1)
    assert listing()["decisions"][0]["timestamp"] is None


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("discipline=mep", {"discipline": "mep"}),
        ("disciplines=mep,plumbing", {"discipline": "plumbing"}),
        ("meeting_type=client", {"meeting_type": "client"}),
        ("meeting_type=client,multi-disciplinary", {"meeting_type": "multi-disciplinary"}),
        ("who=jo%C3%A3o%20dias", {"who": "JOÃO Dias"}),
        ("who=ana,rita", {"who": "Rita"}),
        ("status=approved", {"status": "approved"}),
        ("status=rejected,superseded", {"status": "superseded"}),
        ("date_from=2026-11-04", {"meeting_date": date(2026, 11, 4)}),
        ("date_to=2026-11-02", {"meeting_date": date(2026, 11, 2)}),
        ("date_from=2026-11-10&date_to=2026-11-10", {"meeting_date": date(2026, 11, 10)}),
        ("confidence_min=0.9", {"confidence": 0.9}),
        ("has_anomalies=true", {"has_anomalies": True}),
        ("search=raft%20foundation", {"decision_statement": "A raft foundation it is."}),
        ("search=fallen", {"quote": "Then the wall has fallen."}),
        ("search=jo%C3%A3o", {"who": "Joao Dias"}),
    ],
)
def test_each_filter_keeps_what_it_names(listing, project, query, fields):
    factories.decision(project)
    wanted = factories.decision(project, **fields)
    body = listing(query)
    assert ids(body) == [str(wanted.id)]
    assert body["total"] == 1


def test_a_decision_without_anomalies_can_be_asked_for(listing, project):
    plain = factories.decision(project)
    factories.decision(project, has_anomalies=True)
    assert ids(listing("has_anomalies=false")) == [str(plain.id)]


def test_decisions_of_one_transcript(listing, project):
    transcript = factories.transcript(project)
    factories.decision(project)
    of_it = factories.decision(project, transcript_id=transcript.id)
    assert ids(listing(f"transcript_id={transcript.id}")) == [str(of_it.id)]


def test_filters_are_joined_by_and(listing, project):
    factories.decision(project, discipline="mep")
    factories.decision(project, status="approved")
    both = factories.decision(project, discipline="mep", status="approved")
    assert ids(listing("discipline=mep&status=approved")) == [str(both.id)]


def test_facets_count_under_the_filters_over_all_pages(listing, project):
    factories.decision(project, discipline="mep", meeting_type="client")
    factories.decision(project, discipline="mep", meeting_type=None, source="manual")
    factories.decision(project, discipline="plumbing", status="approved")
    body = listing("limit=1")
    assert body["total"] == 3
    assert body["facets"] == {
        "disciplines": {"mep": 2, "plumbing": 1},
        "meeting_types": {"client": 1, "internal": 1},
        "statuses": {"proposed": 2, "approved": 1},
    }
    assert listing("discipline=mep")["facets"]["disciplines"] == {"mep": 2}


def test_a_project_without_decisions_is_an_empty_list(listing):
    body = listing()
    assert body["decisions"] == []
    assert body["total"] == 0
    assert body["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("sort_by=name", "sort_by"),
        ("sort_by=id;drop", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("date_from=yesterday", "date_from"),
        ("date_from=2026-13-01", "date_from"),
        ("date_to=2026-02-30", "date_to"),
        ("transcript_id=42", "transcript_id"),
        ("discipline=magic", "discipline.0"),
        ("disciplines=mep,magic", "disciplines.1"),
        ("meeting_type=lunch", "meeting_type.0"),
        ("status=open", "status.0"),
        ("confidence_min=1.1", "confidence_min"),
        ("confidence_min=nan", "confidence_min"),
        ("has_anomalies=perhaps", "has_anomalies"),
        ("search=a%00b", "search"),
        ("search=" + "a" * 1001, "search"),
        ("unknown=1", "unknown"),
    ],
)
def test_a_bad_query_is_refused_by_the_name_of_its_field(as_architect, project, query, field):
    response = as_architect.get(f"/projects/{project.id}/decisions?{query}")
    assert_problem(response, 422, "validation_error", field)


def test_an_outsider_is_told_the_same_as_for_what_does_not_exist(as_architect):
    theirs = factories.project()
    factories.decision(theirs)
    nothing = as_architect.get(f"/projects/{uuid.uuid4()}/decisions")
    assert_problem(nothing, 404, "resource_not_found")
    assert_same_bytes(as_architect.get(f"/projects/{theirs.id}/decisions"), nothing)
    assert_same_bytes(as_architect.get("/projects/42/decisions"), nothing)


def test_another_projects_decisions_are_not_listed(listing):
    other = factories.project()
    factories.decision(other)
    transcript = factories.transcript(other)
    factories.decision(other, transcript_id=transcript.id)
    assert listing()["total"] == 0
    assert listing(f"transcript_id={transcript.id}")["total"] == 0


def test_deleted_decisions_are_not_listed(listing, project):
    factories.decision(project, deleted_at=clock.now())
    assert listing()["total"] == 0


def test_a_client_sees_only_approved_decisions_of_client_meetings(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "member")
    shown = factories.decision(project, meeting_type="client", status="approved")
    for kind, status in itertools.product(
        ("client", "internal", "multi-disciplinary", None),
        ("proposed", "approved", "rejected", "superseded"),
    ):
        if (kind, status) != ("client", "approved"):
            factories.decision(project, meeting_type=kind, status=status)
    as_client = client.signed_in(person)
    for query in ("", "status=proposed,approved", "search=steel", "sort_by=confidence"):
        body = as_client.get(f"/projects/{project.id}/decisions?{query}").get_json()
        assert ids(body) == [str(shown.id)], query
        assert body["total"] == 1
        assert body["facets"]["statuses"] == {"approved": 1}
        assert body["facets"]["meeting_types"] == {"client": 1}
    assert (
        as_client.get(f"/projects/{project.id}/decisions?status=proposed").get_json()["total"] == 0
    )


def test_what_was_written_for_the_office_is_not_shown_to_a_client(client, as_director, project):
    visitor = factories.user(role="client")
    factories.join(project, visitor)
    factories.decision(
        project, meeting_type="client", status="approved", consistency_notes="Reverses another."
    )
    path = f"/projects/{project.id}/decisions"
    for reader, notes in [(as_director, "Reverses another."), (client.signed_in(visitor), "")] * 2:
        assert reader.get(path).get_json()["decisions"][0]["consistency_notes"] == notes


def test_a_decision_that_is_withdrawn_while_its_page_is_read_is_not_shown_to_a_client(
    client, project, monkeypatch
):
    visitor = factories.user(role="client")
    factories.join(project, visitor)
    shown, withdrawn = (
        factories.decision(project, meeting_type="client", status="approved") for _ in range(2)
    )
    counts = queries.decision_counts

    def withdraw(*asked):
        withdrawn.status = "proposed"
        db.session.commit()
        return counts(*asked)

    monkeypatch.setattr(queries, "decision_counts", withdraw)
    answer = client.signed_in(visitor).get(f"/projects/{project.id}/decisions")
    assert ids(answer.get_json()) == [str(shown.id)]


def test_created_at_is_told_in_utc(listing, project):
    west = timezone(timedelta(hours=-3))
    factories.decision(project, created_at=datetime(2026, 11, 3, 22, 0, tzinfo=west))
    assert listing()["decisions"][0]["created_at"] == "2026-11-04T01:00:00Z"
