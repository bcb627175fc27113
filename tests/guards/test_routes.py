"""Every route has its place: guarded, documented, in one shape."""

import pytest

from decisionlog.http import openapi

PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/<path:name>"),
    ("POST", "/auth/login"),
    # Public to this very machine, where the tests call from; else it wants METRICS_TOKEN.
    ("GET", "/metrics"),
}
# Pages for people, for Prometheus and the document itself are not operations of the API.
UNDOCUMENTED = {"/metrics", "/openapi.json", "/docs", "/docs/{name}"}


def rules(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, rule


def example_path(rule):
    values = dict.fromkeys(rule.arguments, "00000000-0000-4000-8000-000000000000")
    with_values = rule.rule
    for name, value in values.items():
        for kind in ("uuid", "path", "string", "default"):
            with_values = with_values.replace(f"<{kind}:{name}>", value)
        with_values = with_values.replace(f"<{name}>", value)
    return with_values


def test_every_route_is_public_by_name_or_answers_401(app, client):
    for method, rule in rules(app):
        if (method, rule.rule) not in PUBLIC:
            response = client.request(method, example_path(rule))
            assert response.status_code == 401, (method, rule.rule, response.status_code)
            assert response.mimetype == "application/problem+json"


def test_every_operation_is_documented_and_no_other(app):
    documented = {
        (method.upper(), path)
        for path, operations in openapi.document()["paths"].items()
        for method in operations
    }
    served = {
        (method, rule.rule.replace("<uuid:", "{").replace("<path:", "{").replace(">", "}"))
        for method, rule in rules(app)
    }
    assert {entry for entry in served if entry[1] not in UNDOCUMENTED} == documented


def test_every_operation_has_a_summary_and_a_description_of_its_answers(app):
    for path, operations in openapi.document()["paths"].items():
        for method, entry in operations.items():
            assert entry["summary"], (method, path)
            assert "<" not in entry["summary"], (method, path)
            assert any(code.startswith("2") for code in entry["responses"]), (method, path)


def test_operation_ids_are_unique(app):
    ids = [
        entry["operationId"]
        for operations in openapi.document()["paths"].values()
        for entry in operations.values()
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/openapi.json", "/api/openapi.json"])
def test_the_document_is_openapi_3_1(client, path):
    document = client.get(path).get_json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
