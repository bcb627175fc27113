"""What every answer has in common."""

import re

import pytest

from tests import factories

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def test_the_process_says_that_it_lives(client):
    assert client.get("/health").get_json() == {"status": "ok"}


def test_ready_means_database_and_queue(client):
    assert client.get("/ready").get_json() == {"status": "ready"}


def test_without_its_database_it_is_alive_but_not_ready(make_app, app):
    broken = make_app(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing").test_client()
    assert broken.get("/health").status_code == 200
    response = broken.get("/ready")
    assert response.status_code == 503
    assert "database" in response.get_json()["detail"]


@pytest.mark.parametrize("path", ["/auth/me", "/nowhere", "/health", "/api/nowhere"])
def test_every_answer_carries_a_request_id_and_the_security_headers(client, path):
    response = client.get(path)
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value


def test_a_callers_request_id_is_taken_over(client):
    response = client.get("/health", headers={"X-Request-ID": "trace-0123456789"})
    assert response.headers["X-Request-ID"] == "trace-0123456789"


@pytest.mark.parametrize("offered", ["short", "with space in it", "x" * 65, "new\\nline-12345"])
def test_a_request_id_that_could_break_a_log_line_is_replaced(client, offered):
    response = client.get("/health", headers={"X-Request-ID": offered})
    assert response.headers["X-Request-ID"] != offered


def test_what_is_not_there_is_a_problem(client):
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["error"] == "resource_not_found"


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client):
    response = client.delete("/auth/login")
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert "POST" in response.headers["Allow"]


def test_an_error_of_ours_tells_nothing_but_its_id(app, client, monkeypatch):
    def broken():
        raise RuntimeError("SELECT secret FROM table")

    monkeypatch.setitem(app.view_functions, "health.health", broken)
    response = client.get("/health")
    assert response.status_code == 500
    problem = response.get_json()
    assert problem["error"] == "internal_error"
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert "SELECT" not in response.get_data(as_text=True)


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://localhost:3000"])
def test_a_configured_origin_may_read(client, origin):
    response = client.get("/health", headers={"Origin": origin})
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    ["null", "https://localhost:5173", "http://localhost:51730", "http://localhost:5173.evil.io"],
)
def test_another_origin_may_not(client, origin):
    response = client.get("/health", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_preflight_needs_no_token(client):
    response = client.request(
        "OPTIONS",
        "/auth/me",
        headers={
            "Origin": "http://localhost:5173",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_the_docs_page_needs_nothing_from_elsewhere(client, prefix):
    with client.get(f"{prefix}/docs") as page:
        assert page.status_code == 200
        html = page.get_data(as_text=True)
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert links
    for link in links:
        assert not link.startswith(("http", "//"))
        with client.get(f"{prefix}/{link}") as asset:
            assert asset.status_code == 200
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("style-src")[0]


def test_the_docs_serve_no_other_file(client):
    assert client.get("/docs/../openapi.py").status_code == 404
    assert client.get("/docs/%2e%2e/openapi.py").status_code == 404


def test_an_answer_that_the_caller_holds_already_is_not_sent_again(as_architect, project):
    factories.decision(project)
    for path in ("/auth/me", "/projects", f"/projects/{project.id}/decisions"):
        answer = as_architect.get(path)
        tag = answer.headers["ETag"]
        again = as_architect.get(path, headers={"If-None-Match": f'"another", W/{tag}'})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "no-store"
        assert as_architect.get(path, headers={"If-None-Match": '"another"'}).data == answer.data


def test_a_change_makes_another_etag(as_architect, project):
    path = f"/projects/{project.id}/decisions"
    tag = as_architect.get(path).headers["ETag"]
    factories.decision(project)
    assert as_architect.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_an_etag_opens_nothing_to_whoever_may_not_read(as_architect, client, project):
    path = f"/projects/{project.id}/decisions"
    held = {"If-None-Match": as_architect.get(path).headers["ETag"]}
    assert client.get(path, headers=held).status_code == 401
    outsider = client.signed_in(factories.user())
    assert outsider.get(path, headers=held | {"If-None-Match": "*"}).status_code == 404
