"""Full-text search over decisions and transcripts, and decisions that are alike."""

import uuid

import pytest
from sqlalchemy import func, select

from decisionlog import clock
from decisionlog.decisions import search, similar
from decisionlog.decisions.memory import Memory
from decisionlog.extensions import db
from decisionlog.jobs import extract_decisions
from decisionlog.transcripts import parse
from tests import factories
from tests.problems import assert_problem, assert_same_bytes
from tests.search_cases import CASES, DECISIONS
from tests.statements import plan, recorded_statements


@pytest.fixture
def library(project):
    return {
        str(
            factories.decision(
                project, decision_statement=statement, quote="...", who="Ada", why=""
            ).id
        ): name
        for name, statement in DECISIONS.items()
    }


@pytest.fixture
def find(as_architect, project):
    def get(q, **query):
        response = as_architect.get(
            f"/projects/{project.id}/search", query_string={"q": q, "limit": 100} | query
        )
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    return get


def statements(body):
    return [found["decision"]["decision_statement"] for found in body["decisions"]]


def test_every_case_of_the_shared_list_finds_the_same(library, find, as_architect, project):
    assert len(CASES) >= 40
    wrong = []
    for query, names in CASES:
        body = find(query)
        found = {library[entry["decision"]["id"]] for entry in body["decisions"]}
        assert body["total_decisions"] == len(body["decisions"])
        listed = as_architect.get(
            f"/projects/{project.id}/decisions", query_string={"search": query, "limit": 200}
        ).get_json()
        if query.strip():
            assert {library[entry["id"]] for entry in listed["decisions"]} == found
        if found != names:
            wrong.append((query, names, found))
    assert wrong == []


def test_what_was_decided_outranks_what_was_said_about_it(find, project):
    factories.decision(project, decision_statement="Timber stairs.", quote="Not the granite?")
    factories.decision(project, decision_statement="Granite stairs.", quote="Yes, do.")
    assert statements(find("granite")) == ["Granite stairs.", "Timber stairs."]


def test_every_field_is_searched_but_a_phrase_stays_in_one(find, project):
    factories.decision(
        project, decision_statement="Oak floor", why="warm feet", quote="we agree", who="Ana Reis"
    )
    for query in ("oak", "warm", "agree", "reis", '"warm feet"'):
        assert len(statements(find(query))) == 1, query
    for query in ('"oak warm"', '"floor warm"', '"feet we"', '"agree ana"'):
        assert statements(find(query)) == [], query


def test_highlights_say_where_the_words_stand(find, project):
    factories.decision(project, decision_statement="As ligações de aço.", quote="a ligação, sim")
    [found] = find("ligacao")["decisions"]
    marked = {
        mark["field"]: found["decision"][mark["field"]][mark["start"] : mark["end"]]
        for mark in found["highlights"]
    }
    assert marked == {"decision_statement": "ligações", "quote": "ligação"}


def test_results_come_in_pages(find, project):
    for number in range(5):
        factories.decision(project, decision_statement=f"Copper gutter {number}")
    pages = [find("copper", limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [page["total_decisions"] for page in pages] == [5, 5, 5]
    assert len({statement for page in pages for statement in statements(page)}) == 5


SPEECH = (
    """[00:00:05] Ana Reis: Good morning, the raft foundation first.
[00:01:00] Rui: Piles were dearer, I think.
[00:02:00] Ana Reis: """
    + "Then the gutters again and again, " * 60
)


@pytest.fixture
def transcript(project):
    row = factories.transcript(project, content=SPEECH)
    search.index_passages(row.id, parse(SPEECH))
    db.session.commit()
    return row


def test_passages_of_transcripts_are_found_with_who_and_when(find, transcript):
    body = find("raft foundation")
    assert body["total_passages"] == 1
    [found] = body["passages"]
    assert found["transcript_id"] == str(transcript.id)
    assert found["speaker"] == "Ana Reis"
    assert found["timestamp"] == "00:00:05"
    assert [found["text"][m["start"] : m["end"]] for m in found["highlights"]] == [
        "raft",
        "foundation",
    ]
    text = parse(SPEECH).text
    assert text[found["char_start"] :].startswith(found["text"])
    assert find("rui")["passages"][0]["text"] == "Piles were dearer, I think."


def test_a_long_turn_is_found_in_pieces(find, transcript):
    passages = find("gutters")["passages"]
    assert len(passages) == 3
    assert all(len(found["text"]) <= 1000 for found in passages)
    assert "".join(
        found["text"] for found in sorted(passages, key=lambda found: found["char_start"])
    ).startswith("Then the gutters")


def test_indexing_a_transcript_again_doubles_nothing(find, transcript):
    search.index_passages(transcript.id, parse(SPEECH))
    db.session.commit()
    assert find("piles")["total_passages"] == 1
    assert db.session.scalar(select(func.count()).select_from(search.PASSAGES)) == 5


def test_a_client_finds_approved_decisions_of_client_meetings_and_no_passages(
    client, project, transcript
):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    shown = factories.decision(
        project, decision_statement="Raft it is", meeting_type="client", status="approved"
    )
    factories.decision(project, decision_statement="Raft, perhaps", meeting_type="client")
    body = client.signed_in(person).get(f"/projects/{project.id}/search?q=raft").get_json()
    assert [found["decision"]["id"] for found in body["decisions"]] == [str(shown.id)]
    assert body["total_decisions"] == 1
    assert body["passages"] == []
    assert body["total_passages"] == 0


def test_other_projects_are_not_searched(find, as_architect):
    other = factories.project()
    factories.decision(other, decision_statement="A raft elsewhere")
    row = factories.transcript(other, content=SPEECH)
    search.index_passages(row.id, parse(SPEECH))
    db.session.commit()
    body = find("raft")
    assert (body["total_decisions"], body["total_passages"]) == (0, 0)
    nothing = as_architect.get(f"/projects/{uuid.uuid4()}/search?q=raft")
    assert_problem(nothing, 404, "resource_not_found")
    assert_same_bytes(as_architect.get(f"/projects/{other.id}/search?q=raft"), nothing)


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "q"), ("q=a%00b", "q"), ("q=" + "a" * 1001, "q"), ("q=a&limit=101", "limit")],
)
def test_a_bad_search_is_refused(as_architect, project, query, field):
    response = as_architect.get(f"/projects/{project.id}/search?{query}")
    assert_problem(response, 422, "validation_error", field)


def test_the_word_index_is_used(as_architect, project, transcript):
    factories.decision(project)
    with recorded_statements() as seen:
        as_architect.get(f"/projects/{project.id}/search?q=raft")
    sqlite = db.engine.dialect.name == "sqlite"
    for name in ("decision_search", "passage_search"):
        [page] = [entry for entry in seen if f"FROM {name}" in entry[0] and "LIMIT" in entry[0]]
        how = plan(*page, without=("seqscan", "nestloop", "indexscan"))
        assert (f"SCAN {name}_fts VIRTUAL TABLE" if sqlite else f"ix_{name}_vector") in how
        assert "MATERIALIZE hits" in how or not sqlite


def test_similar_decisions_are_those_with_the_same_telling_words(as_architect, project):
    subject, twin, near, _ = [
        factories.decision(
            project, decision_statement=statement, why="", quote=".", who="Rui", source="manual"
        )
        for statement in (
            "The raft foundation replaces the piles.",
            "The raft foundation replaces the piles.",
            "The piles stay under the raft of the gym.",
            "White paint for the office walls.",
        )
    ]
    for number in range(6):
        factories.decision(
            project, decision_statement=f"Filler {number}", why="", quote=".", who="Zoe"
        )
    body = as_architect.get(f"/decisions/{subject.id}").get_json()["similar_decisions"]
    assert [found["decision_id"] for found in body][:2] == [str(twin.id), str(near.id)]
    assert body[0]["similarity_score"] == 1.0
    assert 0.15 <= body[1]["similarity_score"] < 0.9
    assert body[0]["decision_statement"] == twin.decision_statement
    assert len(body) <= 5


def test_similar_decisions_are_sought_by_their_rarest_words(as_architect, project, monkeypatch):
    monkeypatch.setattr(similar, "CANDIDATES_MAX", 2)
    subject, twin, *_ = [
        factories.decision(
            project,
            decision_statement=f"Steel {word}",
            why="",
            quote=".",
            who="Rui",
            source="manual",
        )
        for word in ("bollards", "bollards", "roof", "stairs", "doors")
    ]
    body = as_architect.get(f"/decisions/{subject.id}").get_json()["similar_decisions"]
    assert [found["decision_id"] for found in body] == [str(twin.id)]


def test_a_word_of_many_decisions_is_counted_only_so_far(project, monkeypatch):
    monkeypatch.setattr(search, "FREQUENCY_MAX", 2)
    monkeypatch.setattr(search, "_common_words", Memory(10))
    for _ in range(3):
        factories.decision(project, decision_statement="Steel roof")
    factories.decision(project, decision_statement="Oak roof")
    keys = ["steel", "roof", "oak", "brick"]
    assert search.frequencies(keys) == {"steel": 2, "roof": 2, "oak": 1, "brick": 0}
    assert search.frequencies([]) == {}
    assert search.size() == 4
    factories.decision(project, decision_statement="Brick in oak")
    with recorded_statements() as seen:
        assert search.frequencies(keys) == {"steel": 2, "roof": 2, "oak": 2, "brick": 1}
        assert search.frequencies(["steel", "roof", "oak"]) == {"steel": 2, "roof": 2, "oak": 2}
    assert len(seen) == 1


def test_a_list_counts_what_it_finds_once(as_architect, project, monkeypatch):
    monkeypatch.setattr(search, "_query_sizes", Memory(10))
    factories.decision(project, decision_statement="Granite stairs")
    with recorded_statements() as seen:
        as_architect.get(f"/projects/{project.id}/decisions?search=granite")
    bounded = [parameters for _, parameters in seen if search.COMMON_MIN in _values(parameters)]
    assert len(bounded) == (1 if db.engine.dialect.name == "postgresql" else 0)


def _values(parameters):
    return parameters.values() if isinstance(parameters, dict) else parameters


@pytest.mark.parametrize("common_min", [1, 3, 1000])
def test_a_list_finds_the_same_however_common_the_word_is(
    as_architect, project, monkeypatch, common_min
):
    monkeypatch.setattr(search, "COMMON_MIN", common_min)
    monkeypatch.setattr(search, "_query_sizes", Memory(10))
    rows = [
        factories.decision(project, decision_statement=f"{what} stairs, number {number}")
        for number in range(3)
        for what in ("Granite", "Steel", "Oak")
    ]
    factories.decision(factories.project(), decision_statement="Granite stairs elsewhere")
    path = f"/projects/{project.id}/decisions?search=gran&sort_by=created_at&sort_order=asc"
    wanted = [str(row.id) for row in rows if row.decision_statement.startswith("Granite")]
    for _ in range(2):
        first = as_architect.get(f"{path}&limit=2").get_json()
        rest = as_architect.get(f"{path}&limit=2&cursor={first['next_cursor']}").get_json()
        found = [entry["id"] for page in (first, rest) for entry in page["decisions"]]
        assert found == wanted
        assert first["total"] == rest["total"] == 3
    exported = as_architect.get(f"/projects/{project.id}/export?format=json&search=gran").get_json()
    assert {entry["id"] for entry in exported["decisions"]} == set(wanted)


def test_similar_decisions_stay_in_the_project_and_in_sight(client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    shown = factories.decision(project, meeting_type="client", status="approved")
    factories.decision(project)
    factories.decision(factories.project(), meeting_type="client", status="approved")
    body = client.signed_in(person).get(f"/decisions/{shown.id}").get_json()
    assert body["similar_decisions"] == []


def test_the_index_can_be_made_anew(runner, find, project, transcript):
    factories.decision(project, decision_statement="Granite stairs")
    factories.decision(project, decision_statement="Granite gone", deleted_at=clock.now())
    for source in (search.DECISIONS, search.PASSAGES):
        db.session.execute(source.delete())
    db.session.commit()
    assert statements(find("granite")) == []
    result = runner.invoke(args=["search", "rebuild"])
    assert result.exit_code == 0, result.output
    assert "1 decisions and 1 transcripts are indexed." in result.output
    assert statements(find("granite")) == ["Granite stairs"]
    assert find("piles")["total_passages"] == 1


def test_what_the_worker_stores_is_found(client, find, project):
    client.deliver(
        {
            "webhook_id": "w-1",
            "project_id": str(project.id),
            "transcript": "[00:00:09] Rui: We decided to go with the raft foundation.\n",
        }
    )
    extract_decisions.run_next()
    assert find("raft foundation")["total_passages"] == 1
