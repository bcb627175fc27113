"""Checklist 31 and 32: what every answer says, and to whom."""

import pytest

from tests.api_client import ApiClient
from tests.security.production import PRODUCTION

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def answer_of(app, status):
    client = ApiClient(app)
    if status == 200:
        return client.get("/health")
    if status == 404:
        return client.get("/nowhere")
    if status == 405:
        return client.delete("/auth/login")
    if status == 413:
        return client.post("/auth/login", json={"email": "x" * 70_000, "password": "x"})
    if status == 429:
        for number in range(5):
            client.post("/auth/login", json={"email": f"{number}@example.com", "password": "x"})
        return client.post("/auth/login", json={"email": "x@example.com", "password": "x"})
    app.view_functions["health.health"] = lambda: 1 / 0
    return client.get("/health")


@pytest.mark.parametrize("status", [200, 404, 405, 413, 429, 500])
@pytest.mark.parametrize("production", [False, True])
def test_32_every_answer_is_json_with_security_headers(
    app, make_app, plain_database, status, production
):
    app = make_app(**PRODUCTION) if production else app
    answer = answer_of(app, status)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in COMMON} == COMMON
    assert answer.headers["X-Request-ID"]
    assert "Server" not in answer.headers
    assert answer.mimetype in ("application/json", "application/problem+json")
    hsts = answer.headers.get("Strict-Transport-Security")
    assert (hsts == "max-age=63072000; includeSubDomains") if production else (hsts is None)
    if status >= 400:
        assert answer.get_json()["status"] == status


def test_32_an_internal_error_tells_nothing_of_the_inside(app):
    text = answer_of(app, 500).get_data(as_text=True)
    for telling in ("Traceback", "ZeroDivision", "division", ".py", "SELECT", "flask", "werkzeug"):
        assert telling not in text
    assert answer_of(app, 500).get_json()["error"] == "internal_error"


def test_32_the_request_id_of_a_caller_is_kept_only_if_it_is_harmless(client):
    kept = client.get("/health", headers={"X-Request-ID": "abc-123.DEF_4"})
    assert kept.headers["X-Request-ID"] == "abc-123.DEF_4"
    made = client.get("/health", headers={"X-Request-ID": "a b; forged=1"})
    assert made.headers["X-Request-ID"] != "a b; forged=1"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://good.example.evil.io",
        "https://evilgood.example",
        "http://good.example",
        "https://good.example:8443",
        "https://GOOD.example.",
    ],
)
def test_31_only_exact_origins_may_read_the_answers(make_app, app, origin):
    client = ApiClient(make_app(CORS_ORIGINS="https://good.example"))
    refused = client.get("/health", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_31_a_listed_origin_may_read_but_without_credentials(make_app, app):
    client = ApiClient(make_app(CORS_ORIGINS="https://good.example,https://other.example"))
    allowed = client.get("/health", headers={"Origin": "https://good.example"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://good.example"
    assert "Origin" in allowed.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    assert "X-RateLimit-Remaining" in allowed.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/me", {"role": "director"}),
        ("/auth/me", {"name": "x", "deleted_at": None}),
        ("/auth/password", {"current_password": "x", "new_password": "y", "user_id": 1}),
    ],
)
def test_28_fields_that_a_body_does_not_have_are_refused(as_architect, path, body):
    method = "PATCH" if path == "/auth/me" else "POST"
    answer = as_architect.request(method, path, json=body)
    assert answer.status_code == 422
