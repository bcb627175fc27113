"""`flask seed`: something to look at, in demo mode only."""

import pytest
from sqlalchemy import func, select

from decisionlog.extensions import db
from decisionlog.models import Decision, Project, Transcript, User
from decisionlog.transcripts import parse
from tests.api_client import ApiClient


@pytest.fixture
def demo(make_app):
    app = make_app(DEMO_MODE=True)
    with app.app_context():
        yield app
        db.session.rollback()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("command", ["seed", "demo"])
def test_without_demo_mode_it_refuses_in_one_clear_line(runner, command):
    result = runner.invoke(args=[command])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "DEMO_MODE=true" in result.stderr
    assert count(User) == 0


def test_the_director_can_sign_in_and_sees_every_project(demo):
    assert demo.test_cli_runner().invoke(args=["seed"]).exit_code == 0
    client = ApiClient(demo)
    answer = client.post(
        "/auth/login", json={"email": "test@example.com", "password": "password"}
    ).get_json()
    assert answer["user"]["role"] == "director"
    projects = client.with_token(answer["access_token"]).get("/projects").get_json()
    assert projects["total"] == count(Project) >= 3


def test_seeding_twice_changes_nothing(demo):
    for _ in range(2):
        assert demo.test_cli_runner().invoke(args=["seed"]).exit_code == 0
    once = [count(model) for model in (User, Project, Transcript, Decision)]
    demo.test_cli_runner().invoke(args=["seed"])
    assert [count(model) for model in (User, Project, Transcript, Decision)] == once


def test_every_seeded_decision_is_grounded(demo):
    demo.test_cli_runner().invoke(args=["seed"])
    rows = db.session.execute(
        select(Decision, Transcript.content).join(
            Transcript, Transcript.id == Decision.transcript_id
        )
    ).all()
    assert len(rows) > 20
    for decision, content in rows:
        text = parse(content).text
        for passage in decision.evidence:
            assert text[passage["start"] : passage["end"]] == passage["quote"]
        excerpt = decision.excerpt
        assert excerpt["text"][excerpt["quote_start"] : excerpt["quote_end"]] == decision.quote
        assert decision.who == decision.evidence[0]["speaker"]
