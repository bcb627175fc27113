"""The demo's content holds what it promises: it is the first thing that a newcomer sees."""

import json
import re
from datetime import date
from importlib import resources

import pytest

from decisionlog.vocabulary import (
    Causation,
    DecisionStatus,
    Discipline,
    ImpactType,
    MeetingType,
    Position,
    ProjectRole,
    RelationshipType,
    Role,
)

LINE = re.compile(r"\[(\d\d:[0-5]\d:[0-5]\d)\] ([^:]+): (\S.*)")
FLAGS = {"high_dissent", "reversal_pattern", "broad_cascade", "insufficient_context"}
SEVERITIES = {"low", "medium", "high"}


def read(name):
    return resources.files("decisionlog.cli").joinpath("sample", name).read_text("utf-8")


def turns(text):
    """`(timestamp, speaker, words)` of every line; each line has to be a turn."""
    found = [LINE.fullmatch(line) for line in text.splitlines()]
    assert all(found)
    return [match.groups() for match in found]


def said(text, quote):
    """`(timestamp, speaker)` of every turn that holds the quote, word for word."""
    return [(when, who) for when, who, words in turns(text) if quote in words]


def minutes(timestamp):
    hours, past, seconds = map(int, timestamp.split(":"))
    return hours * 60 + past + seconds / 60


REVIEW_TEXT = read("design_review.txt")
REVIEW = json.loads(read("design_review.json"))
SEED = json.loads(read("seed.json"))
EMAILS = {user["email"] for user in SEED["users"]}
DECISIONS = {
    decision["key"]: (meeting, decision)
    for meeting in SEED["meetings"]
    for decision in meeting["decisions"]
}

each_meeting = pytest.mark.parametrize(
    ("meeting", "text"),
    [(REVIEW | {"type": REVIEW["meeting_type"]}, REVIEW_TEXT)]
    + [(meeting, meeting["transcript"]) for meeting in SEED["meetings"]],
    ids=["design_review", *(meeting["key"] for meeting in SEED["meetings"])],
)
each_decision = pytest.mark.parametrize(
    ("meeting", "decision"), list(DECISIONS.values()), ids=list(DECISIONS)
)
each_expected = pytest.mark.parametrize(
    "expected", REVIEW["expected"], ids=[entry["timestamp"] for entry in REVIEW["expected"]]
)


@each_meeting
def test_times_rise_and_fit_the_duration(meeting, text):
    times = [minutes(when) for when, _, _ in turns(text)]
    assert times == sorted(set(times))
    assert meeting["duration_minutes"] - 2 <= times[-1] <= meeting["duration_minutes"]


@each_meeting
def test_everybody_who_takes_part_speaks_and_nobody_else(meeting, text):
    names = [participant["name"] for participant in meeting["participants"]]
    assert set(names) == {who for _, who, _ in turns(text)}
    assert len(names) == len(set(names))


@each_meeting
def test_a_meeting_has_a_known_type_and_invented_addresses(meeting, text):
    assert meeting["type"] in list(MeetingType)
    assert all(person["email"].endswith("@example.com") for person in meeting["participants"])
    assert all(person["role"] for person in meeting["participants"])


def test_the_design_review_is_a_whole_meeting():
    assert 80 <= len(turns(REVIEW_TEXT)) <= 110
    assert 45 <= REVIEW["duration_minutes"] <= 60
    assert 9 <= len(REVIEW["expected"]) <= 12
    assert REVIEW["project_id"] in {project["key"] for project in SEED["projects"]}
    assert date.fromisoformat(REVIEW["meeting_date"])


@each_expected
def test_an_expected_quote_is_said_once_by_its_speaker_at_its_time(expected):
    where = said(REVIEW_TEXT, expected["quote"])
    assert where == [(expected["timestamp"], expected["who"])]
    assert expected["discipline"] in list(Discipline)
    assert expected["statement"]


def test_expected_decisions_are_spread_over_the_meeting_and_the_disciplines():
    times = [minutes(entry["timestamp"]) for entry in REVIEW["expected"]]
    assert times == sorted(times)
    assert times[0] < REVIEW["duration_minutes"] / 4
    assert times[-1] > REVIEW["duration_minutes"] * 3 / 4
    assert len({entry["discipline"] for entry in REVIEW["expected"]}) >= 6


@each_decision
def test_a_seeded_quote_is_said_once_by_its_speaker_at_its_time(meeting, decision):
    where = said(meeting["transcript"], decision["quote"])
    assert where == [(decision["timestamp"], decision["who"])]


@each_decision
def test_seeded_evidence_begins_with_the_quote_and_is_all_said(meeting, decision):
    assert decision["evidence"][0]["quote"] == decision["quote"]
    for entry in decision["evidence"]:
        where = said(meeting["transcript"], entry["quote"])
        assert where == [(entry["timestamp"], entry["speaker"])]


@each_decision
def test_a_seeded_decision_keeps_to_the_vocabulary(meeting, decision):
    assert decision["discipline"] in list(Discipline)
    assert decision["causation"] in list(Causation)
    assert decision["status"] in list(DecisionStatus)
    assert {impact["type"] for impact in decision["impacts"]} <= set(ImpactType)
    assert set(decision["consensus"]) <= set(Discipline)
    assert set(decision["consensus"].values()) <= set(Position)
    assert {flag["type"] for flag in decision["anomaly_flags"]} <= FLAGS
    assert {flag["severity"] for flag in decision["anomaly_flags"]} <= SEVERITIES
    assert 0 <= decision["confidence"] <= 1
    assert decision["review_on"] is None or decision["review_on"] > 0


def test_a_flag_of_dissent_has_somebody_who_disagrees_in_words():
    dissent = [
        decision
        for _, decision in DECISIONS.values()
        if "high_dissent" in {flag["type"] for flag in decision["anomaly_flags"]}
    ]
    assert len(dissent) >= 3
    for decision in dissent:
        assert Position.DISAGREE in decision["consensus"].values()
        assert len(decision["evidence"]) > 1


def test_the_seed_shows_every_state_and_every_type_of_meeting():
    assert {decision["status"] for _, decision in DECISIONS.values()} == set(DecisionStatus)
    assert {meeting["type"] for meeting in SEED["meetings"]} == set(MeetingType)
    assert {entry["type"] for entry in SEED["relationships"]} == set(RelationshipType)
    assert {user["role"] for user in SEED["users"]} == set(Role)


def test_keys_are_given_once():
    total = sum(len(meeting["decisions"]) for meeting in SEED["meetings"])
    assert len(DECISIONS) == total
    for kind in ("projects", "meetings"):
        keys = [entry["key"] for entry in SEED[kind]]
        assert len(keys) == len(set(keys))
    assert len(EMAILS) == len(SEED["users"])


def test_members_and_meetings_belong_to_known_users_and_projects():
    for project in SEED["projects"]:
        assert set(project["members"]) <= EMAILS
        assert set(project["members"].values()) <= set(ProjectRole)
    projects = {project["key"] for project in SEED["projects"]}
    assert {meeting["project"] for meeting in SEED["meetings"]} == projects


def test_the_first_user_is_the_director_whom_the_demo_signs_in():
    assert SEED["users"][0]["email"] == "test@example.com"
    assert SEED["users"][0]["role"] == Role.DIRECTOR


@pytest.mark.parametrize("entry", SEED["relationships"], ids=lambda entry: entry["from"])
def test_a_relationship_links_two_known_decisions(entry):
    assert entry["type"] in list(RelationshipType)
    assert entry["from"] in DECISIONS
    assert entry["to"] in DECISIONS
    assert entry["from"] != entry["to"]


def test_no_relationship_stands_twice():
    links = [(entry["from"], entry["type"], entry["to"]) for entry in SEED["relationships"]]
    assert len(links) == len(set(links))


def test_a_superseded_decision_has_a_later_one_that_supersedes_it():
    links = {
        entry["to"]: entry["from"]
        for entry in SEED["relationships"]
        if entry["type"] == RelationshipType.SUPERSEDES
    }
    for key, (meeting, decision) in DECISIONS.items():
        assert (decision["status"] == DecisionStatus.SUPERSEDED) == (key in links)
        if key in links:
            assert DECISIONS[links[key]][0]["days_ago"] < meeting["days_ago"]
