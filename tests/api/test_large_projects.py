"""Projects of many decisions, where to count them all takes longer than to read a page."""

import pytest

from decisionlog.decisions import queries
from tests import factories


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(queries, "LARGE", 1)


def total(client, project, **filters):
    answer = client.get(f"/projects/{project.id}/decisions", query_string=filters)
    return answer.get_json()["total"]


def test_counts_of_a_small_project_are_never_behind(as_architect, project):
    factories.decision(project)
    assert total(as_architect, project) == 1
    factories.decision(project)
    assert total(as_architect, project) == 2


def test_counts_of_a_large_project_may_be_seconds_behind_but_its_page_never_is(
    large, as_architect, project
):
    factories.decision(project)
    factories.decision(project)
    assert total(as_architect, project) == 2
    factories.decision(project)
    answer = as_architect.get(f"/projects/{project.id}/decisions").get_json()
    assert answer["total"] == 2
    assert len(answer["decisions"]) == 3


def test_what_is_remembered_for_one_filter_or_reader_is_not_told_to_another(
    large, as_architect, client, project
):
    visitor = factories.user(role="client")
    factories.join(project, visitor)
    for _ in range(3):
        factories.decision(project, discipline="structural")
    factories.decision(project, discipline="mep")
    assert total(as_architect, project) == 4
    assert total(as_architect, project, discipline="structural") == 3
    assert total(client.signed_in(visitor), project) == 0
