"""Relationships between decisions, and where they lead."""

import itertools
import uuid

import pytest

from tests import factories
from tests.problems import assert_problem, assert_same_bytes


@pytest.fixture
def relate(as_director):
    def make(source, target, kind="triggered", client=None):
        return (client or as_director).post(
            f"/decisions/{source.id}/relationships",
            json={"type": kind, "decision_id": str(target.id)},
        )

    return make


@pytest.fixture
def five(project):
    return [factories.decision(project) for _ in range(5)]


def test_a_member_relates_two_decisions(as_architect, relate, five):
    response = relate(five[0], five[1], client=as_architect)
    assert response.status_code == 201
    made = response.get_json()
    assert made["type"] == "triggered"
    assert made["direction"] == "outgoing"
    assert made["decision_id"] == str(five[1].id)
    assert made["confirmed"] is True
    assert as_architect.get(f"/decisions/{five[0].id}").get_json()["relationships"] == [made]


def test_a_suggestion_is_confirmed_by_making_it(as_director, relate, five):
    suggested = factories.link(five[0], five[1], "supports", confirmed_at=None)
    made = relate(five[0], five[1], "supports").get_json()
    assert made["id"] == str(suggested.id)
    assert made["confirmed"] is True


def test_the_same_relationship_twice_is_a_conflict(relate, five):
    relate(five[0], five[1], "conflicts")
    assert_problem(relate(five[0], five[1], "conflicts"), 409, "conflict")
    assert_problem(relate(five[1], five[0], "conflicts"), 409, "conflict")
    assert relate(five[0], five[1], "supports").status_code == 201
    assert relate(five[1], five[0], "supports").status_code == 201


@pytest.mark.parametrize("kind", ["triggered", "reversed", "supersedes"])
def test_a_circle_is_refused_however_long(as_director, relate, five, kind):
    for source, target in itertools.pairwise(five):
        assert relate(source, target, kind).status_code == 201
    assert_problem(relate(five[4], five[0], kind), 409, "conflict")
    assert_problem(relate(five[1], five[0], kind), 409, "conflict")
    chain = as_director.get(f"/decisions/{five[0].id}/chain").get_json()
    assert chain["causes"] == []
    assert len(chain["consequences"]) == 4


def test_a_decision_is_not_related_to_itself_or_abroad(relate, five):
    abroad = factories.decision(factories.project())
    for target in (five[0], abroad):
        assert_problem(relate(five[0], target), 422, "validation_error", "decision_id")


def test_what_can_not_be_seen_can_not_be_related(as_architect, five):
    theirs = factories.decision(factories.project())
    path = f"/decisions/{five[0].id}/relationships"
    unseen = as_architect.post(path, json={"type": "supports", "decision_id": str(theirs.id)})
    nothing = as_architect.post(path, json={"type": "supports", "decision_id": str(uuid.uuid4())})
    assert_problem(nothing, 404, "resource_not_found")
    assert_same_bytes(unseen, nothing)


@pytest.mark.parametrize("body", [{}, {"type": "causes"}, {"type": "triggered", "decision_id": 4}])
def test_a_bad_relationship_is_refused(as_director, five, body):
    response = as_director.post(f"/decisions/{five[0].id}/relationships", json=body)
    assert_problem(response, 422, "validation_error")


def test_a_superseded_decision_shows_what_replaced_it(as_director, relate, five):
    old, new = five[:2]
    assert relate(new, old, "supersedes").status_code == 201
    body = as_director.get(f"/decisions/{old.id}").get_json()
    assert body["status"] == "superseded"
    assert body["superseded_by"] == {
        "decision_id": str(new.id),
        "decision_statement": new.decision_statement,
    }
    assert body["version"] == 2
    assert as_director.get(f"/decisions/{new.id}").get_json()["superseded_by"] is None


def test_what_is_no_longer_superseded_is_a_proposal_again(as_director, relate, five):
    old, first, second = five[:3]
    links = [relate(new, old, "supersedes").get_json()["id"] for new in (first, second)]
    paths = [f"/decisions/{old.id}/relationships/{link}" for link in links]
    assert as_director.delete(paths[0]).status_code == 204
    assert as_director.get(f"/decisions/{old.id}").get_json()["status"] == "superseded"
    assert as_director.delete(paths[1]).status_code == 204
    body = as_director.get(f"/decisions/{old.id}").get_json()
    assert body["status"] == "proposed"
    assert body["superseded_by"] is None
    assert body["version"] == 3


def test_superseding_takes_a_director(as_architect, as_director, relate, five):
    refused = relate(five[0], five[1], "supersedes", client=as_architect)
    assert_problem(refused, 403, "permission_denied")
    link = relate(five[0], five[1], "supersedes").get_json()["id"]
    path = f"/decisions/{five[0].id}/relationships/{link}"
    assert_problem(as_architect.delete(path), 403, "permission_denied")


def test_a_removed_relationship_can_be_made_again(as_architect, relate, five):
    link = relate(five[0], five[1], client=as_architect).get_json()["id"]
    path = f"/decisions/{five[1].id}/relationships/{link}"
    assert as_architect.delete(path).status_code == 204
    assert_problem(as_architect.delete(path), 404, "resource_not_found")
    assert as_architect.get(f"/decisions/{five[0].id}").get_json()["relationships"] == []
    assert relate(five[0], five[1], client=as_architect).status_code == 201
    assert len(as_architect.get(f"/decisions/{five[0].id}").get_json()["relationships"]) == 1


def test_a_relationship_of_other_decisions_is_not_removed_here(as_architect, relate, five):
    link = relate(five[0], five[1]).get_json()["id"]
    response = as_architect.delete(f"/decisions/{five[2].id}/relationships/{link}")
    assert_problem(response, 404, "resource_not_found")


def test_the_chain_walks_causes_and_consequences(as_director, relate, five):
    first, second, third, fourth, apart = five
    relate(first, second)
    relate(second, third)
    relate(fourth, second, "supersedes")
    relate(second, apart, "supports")
    factories.link(third, apart, confirmed_at=None)
    chain = as_director.get(f"/decisions/{second.id}/chain").get_json()
    assert chain["decision_id"] == str(second.id)
    assert [(step["decision_id"], step["type"], step["depth"]) for step in chain["causes"]] == [
        (str(first.id), "triggered", 1),
        (str(fourth.id), "supersedes", 1),
    ]
    assert chain["consequences"] == [
        {
            "decision_id": str(third.id),
            "decision_statement": third.decision_statement,
            "meeting_date": "2026-11-03",
            "status": "proposed",
            "type": "triggered",
            "via": str(second.id),
            "depth": 1,
        }
    ]
    from_first = as_director.get(f"/decisions/{first.id}/chain").get_json()["consequences"]
    assert [(step["decision_id"], step["depth"]) for step in from_first] == [
        (str(second.id), 1),
        (str(third.id), 2),
    ]


def test_a_chain_never_leads_a_client_through_what_they_may_not_see(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    seen = [factories.decision(project, meeting_type="client", status="approved") for _ in range(3)]
    hidden = factories.decision(project)
    factories.link(seen[0], seen[1])
    factories.link(seen[0], hidden)
    factories.link(hidden, seen[2])
    chain = client.signed_in(person).get(f"/decisions/{seen[0].id}/chain").get_json()
    assert [step["decision_id"] for step in chain["consequences"]] == [str(seen[1].id)]


def test_a_reader_relates_nothing(client, project, relate, five):
    viewer = factories.user()
    factories.join(project, viewer, "viewer")
    refused = relate(five[0], five[1], client=client.signed_in(viewer))
    assert_problem(refused, 403, "permission_denied")
