"""Similar decisions by what they mean, with an encoder that knows three subjects."""

import numpy as np
import pytest
from sqlalchemy import func, select

from decisionlog import clock
from decisionlog.decisions import meaning
from decisionlog.extensions import db
from decisionlog.jobs import embed_decisions
from decisionlog.models import DecisionVector
from tests import factories

SUBJECTS = (("steel", "aço"), ("raft", "ensoleiramento"), ("paint", "tinta"))


class Encoder:
    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        held = [[any(word in text for word in words) for words in SUBJECTS] for text in texts]
        vectors = np.array(held, dtype=np.float32) + 0.001
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def encoder(app, monkeypatch):
    monkeypatch.setitem(app.config, "SIMILARITY", "meaning")
    made = Encoder()
    monkeypatch.setattr(meaning, "encoder", lambda: made)
    return made


def decided(project, statement, **fields):
    return factories.decision(
        project, decision_statement=statement, why="", quote=".", who="Rui", **fields
    )


def similar_to(signed_in, row):
    body = signed_in.get(f"/decisions/{row.id}").get_json()["similar_decisions"]
    return [(found["decision_id"], found["similarity_score"]) for found in body]


def test_the_same_in_another_language_is_similar(app, encoder, as_architect, project):
    subject = decided(project, "A steel frame")
    twin = decided(project, "Estrutura em aço")
    both = decided(project, "A steel tank on the raft")
    decided(project, "White paint")
    assert embed_decisions.run(app) == 4
    found = similar_to(as_architect, subject)
    assert [decision_id for decision_id, _ in found] == [str(twin.id), str(both.id)]
    assert found[0][1] == pytest.approx(1, abs=0.001)
    assert found[1][1] == pytest.approx(0.5**0.5, abs=0.01)


def test_until_it_is_embedded_a_decision_is_compared_by_words(encoder, as_architect, project):
    subject, twin = decided(project, "A steel frame"), decided(project, "A steel frame")
    assert [decision_id for decision_id, _ in similar_to(as_architect, subject)] == [str(twin.id)]


def test_words_are_the_default(app, encoder, as_architect, project, monkeypatch):
    subject = decided(project, "A steel frame")
    decided(project, "Estrutura em aço")
    embed_decisions.run(app)
    monkeypatch.setitem(app.config, "SIMILARITY", "words")
    assert similar_to(as_architect, subject) == []
    encoder.asked.clear()
    decided(project, "Another")
    assert embed_decisions.run(app) == 0
    assert encoder.asked == []


def test_similar_by_meaning_stays_in_the_project_and_in_sight(app, encoder, client, project):
    person = factories.user(role="client")
    factories.join(project, person, "viewer")
    seen = {"meeting_type": "client", "status": "approved"}
    shown = decided(project, "A steel frame", **seen)
    decided(project, "Steel")
    decided(project, "Steel", deleted_at=clock.now(), **seen)
    decided(factories.project(), "Steel", **seen)
    embed_decisions.run(app)
    assert similar_to(client.signed_in(person), shown) == []


def test_only_what_is_missing_or_outdated_is_embedded(app, encoder, project, monkeypatch):
    monkeypatch.setattr(embed_decisions, "BLOCK", 2)
    rows = [decided(project, f"Steel {number}") for number in range(5)]
    decided(project, "Gone", deleted_at=clock.now())
    assert embed_decisions.run(app) == 5
    assert embed_decisions.run(app) == 0
    changed = rows[3]
    changed.decision_statement = "Paint"
    db.session.commit()
    encoder.asked.clear()
    assert embed_decisions.run(app) == 1
    assert encoder.asked == ["Paint"]
    monkeypatch.setattr(meaning, "MODEL", "another model")
    assert embed_decisions.run(app) == 5


def test_what_another_worker_embedded_meanwhile_is_no_error(app, encoder, project, monkeypatch):
    row = decided(project, "Steel")
    decision_id, version = row.id, row.version
    encode = meaning.encode

    def slowly(texts):
        vectors = encode(texts)
        other = DecisionVector(
            decision_id=decision_id, version=version, model=meaning.MODEL, vector=vectors[0]
        )
        db.session.add(other)
        db.session.commit()
        db.session.expunge_all()
        return vectors

    monkeypatch.setattr(meaning, "encode", slowly)
    monkeypatch.setattr(db.session, "merge", db.session.add)
    assert embed_decisions.run(app) == 1
    assert db.session.scalar(select(func.count(DecisionVector.decision_id))) == 1


def test_the_command_embeds_at_once(app, encoder, runner, project):
    decided(project, "Steel")
    result = runner.invoke(args=["search", "embed"])
    assert (result.exit_code, result.output) == (
        0,
        "1 decisions embedded\nEvery decision has its vector.\n",
    )


def test_the_command_refuses_where_words_decide(runner, project):
    result = runner.invoke(args=["search", "embed"])
    assert result.exit_code == 1
    assert "SIMILARITY" in result.output
