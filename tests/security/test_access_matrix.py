"""Checklist 26 and 27: who gets which answer, for every endpoint of the OpenAPI document.

A new endpoint fails here until it has its line in MATRIX, and in BODIES where it takes a body.
"""

import json
import uuid

import pytest

from decisionlog import clock
from decisionlog.http.openapi import document
from tests import factories
from tests.api_client import ApiClient
from tests.factories import PASSWORD

# director: sees everything. member, viewer and client belong to the project, the outsider is an
# architect who does not. The closed account's token was good until the account was closed.
ROLES = ("director", "member", "outsider", "viewer", "client", "closed", "anonymous")

# The status for each of ROLES, in their order, to a request that is right in all but its sender.
# 401 401 401 … for everybody: the credentials in BODIES are wrong, whoever sends them.
MATRIX = {
    "POST /auth/login": "401 401 401 401 401 401 401",
    "POST /auth/refresh": "401 401 401 401 401 401 401",
    "POST /auth/logout": "204 204 204 204 204 401 401",
    "POST /auth/logout-all": "204 204 204 204 204 401 401",
    "GET /auth/me": "200 200 200 200 200 401 401",
    "PATCH /auth/me": "200 200 200 200 200 401 401",
    "POST /auth/password": "204 204 204 204 204 401 401",
    "GET /auth/sessions": "200 200 200 200 200 401 401",
    "DELETE /auth/sessions/{session_id}": "404 404 404 404 404 401 401",
    "POST /auth/2fa/setup": "200 200 200 200 200 401 401",
    "POST /auth/2fa/enable": "409 409 409 409 409 401 401",
    "POST /auth/2fa/disable": "409 409 409 409 409 401 401",
    "POST /auth/2fa/recovery-codes": "409 409 409 409 409 401 401",
    "GET /users": "200 403 403 403 403 401 401",
    "POST /users": "201 403 403 403 403 401 401",
    "GET /users/{user_id}": "200 403 403 403 403 401 401",
    "PATCH /users/{user_id}": "200 403 403 403 403 401 401",
    "DELETE /users/{user_id}": "204 403 403 403 403 401 401",
    "POST /users/{user_id}/restore": "200 403 403 403 403 401 401",
    "GET /audit": "200 403 403 403 403 401 401",
    "GET /projects": "200 200 200 200 200 401 401",
    "GET /projects/{project_id}": "200 200 404 200 200 401 401",
    "GET /projects/{project_id}/decisions": "200 200 404 200 200 401 401",
    "GET /decisions/{decision_id}": "200 200 404 200 200 401 401",
    "PATCH /decisions/{decision_id}": "200 403 404 403 403 401 401",
    "DELETE /decisions/{decision_id}": "204 403 404 403 403 401 401",
    "POST /decisions/{decision_id}/restore": "200 403 404 403 404 401 401",
    "GET /decisions/{decision_id}/chain": "200 200 404 200 200 401 401",
    "GET /decisions/{decision_id}/history": "200 200 404 200 403 401 401",
    "POST /decisions/{decision_id}/relationships": "201 201 404 403 403 401 401",
    "DELETE /decisions/{decision_id}/relationships/{relationship_id}": (
        "204 204 404 403 403 401 401"
    ),
    "GET /digest/subscription": "200 403 403 403 403 401 401",
    "PUT /digest/subscription": "200 403 403 403 403 401 401",
    "DELETE /digest/subscription": "204 403 403 403 403 401 401",
    "POST /projects": "201 201 201 201 403 401 401",
    "PATCH /projects/{project_id}": "200 403 404 403 403 401 401",
    "DELETE /projects/{project_id}": "204 403 404 403 403 401 401",
    "POST /projects/{project_id}/decisions": "201 201 404 403 403 401 401",
    "POST /projects/{project_id}/decisions/review": "200 403 404 403 403 401 401",
    "GET /projects/{project_id}/digest": "200 403 404 403 403 401 401",
    "GET /projects/{project_id}/export": "200 200 404 200 200 401 401",
    "GET /projects/{project_id}/search": "200 200 404 200 200 401 401",
    "GET /projects/{project_id}/ingest-tokens": "200 403 404 403 403 401 401",
    "POST /projects/{project_id}/ingest-tokens": "201 403 404 403 403 401 401",
    "DELETE /projects/{project_id}/ingest-tokens/{token_id}": "404 403 404 403 403 401 401",
    "PUT /projects/{project_id}/members/{user_id}": "201 403 404 403 403 401 401",
    "DELETE /projects/{project_id}/members/{user_id}": "404 403 404 403 403 401 401",
    "GET /projects/{project_id}/webhooks": "200 403 404 403 403 401 401",
    "POST /projects/{project_id}/webhooks": "201 403 404 403 403 401 401",
    "DELETE /projects/{project_id}/webhooks/{webhook_id}": "404 403 404 403 403 401 401",
    "GET /projects/{project_id}/webhooks/{webhook_id}/deliveries": "404 403 404 403 403 401 401",
    "GET /projects/{project_id}/transcripts": "200 200 404 200 403 401 401",
    "POST /projects/{project_id}/transcripts": "202 202 404 403 403 401 401",
    "GET /transcripts/{transcript_id}": "200 200 404 200 404 401 401",
    "POST /transcripts/{transcript_id}/reprocess": "202 403 404 403 404 401 401",
    "POST /webhooks/transcript": "401 401 401 401 401 401 401",
    "POST /webhooks/circleback": "401 401 401 401 401 401 401",
    "POST /webhooks/fathom": "401 401 401 401 401 401 401",
    "GET /health": "200 200 200 200 200 200 200",
    "GET /ready": "200 200 200 200 200 200 200",
}
BODIES = {
    "POST /auth/login": {"email": "nobody@example.com", "password": "wrong"},
    "PATCH /auth/me": {"name": "Another name"},
    "POST /auth/password": {"current_password": PASSWORD, "new_password": "another passphrase"},
    "POST /auth/2fa/setup": {"current_password": PASSWORD},
    "POST /auth/2fa/enable": {"otp": "123456"},
    "POST /auth/2fa/disable": {"current_password": PASSWORD, "otp": "123456"},
    "POST /auth/2fa/recovery-codes": {"current_password": PASSWORD, "otp": "123456"},
    "POST /users": {
        "email": "new@example.com",
        "name": "New",
        "role": "architect",
        "password": "a passphrase for the new one",
    },
    "PATCH /users/{user_id}": {"name": "Another name"},
    "POST /projects/{project_id}/transcripts": {"transcript": "[00:00:05] Ana: Good morning.\n"},
    "PATCH /decisions/{decision_id}": {"why": "It is lighter."},
    "POST /decisions/{decision_id}/relationships": {
        "type": "supports",
        "decision_id": "{other_id}",
    },
    "PUT /digest/subscription": {},
    "POST /projects": {"name": "Another project"},
    "PATCH /projects/{project_id}": {"name": "Another name"},
    "POST /projects/{project_id}/decisions": {"decision_statement": "The roof will be green."},
    "POST /projects/{project_id}/decisions/review": {
        "decision_ids": ["{other_id}"],
        "approved": True,
    },
    "POST /projects/{project_id}/ingest-tokens": {"name": "Zapier"},
    "PUT /projects/{project_id}/members/{user_id}": {"role": "viewer"},
    "POST /projects/{project_id}/webhooks": {
        "url": "https://93.184.215.14/hook",
        "events": ["decision.approved"],
    },
    "POST /webhooks/transcript": {},
    "POST /webhooks/circleback": {},
    "POST /webhooks/fathom": {},
}
# Where the request needs more than its path and body.
QUERIES = {"GET /projects/{project_id}/search": "?q=steel"}
OTHER_IDS = {"POST /decisions/{decision_id}/restore": {"decision_id": "deleted_id"}}


@pytest.fixture
def scene(app):
    """A project, what is in it, and somebody of every role."""
    people = {
        "director": factories.user(role="director"),
        "member": factories.user(),
        "outsider": factories.user(),
        "viewer": factories.user(),
        "client": factories.user(role="client"),
        "closed": factories.user(role="director"),
    }
    project = factories.project(
        {people[role]: "member" if role == "member" else "viewer" for role in ("member", "viewer")}
    )
    factories.join(project, people["client"], "viewer")
    decision = factories.decision(project, meeting_type="client", status="approved")
    other = factories.decision(project)
    return people, {
        "other_id": other.id,
        "deleted_id": factories.decision(project, deleted_at=clock.now()).id,
        "relationship_id": factories.link(decision, other).id,
        "token_id": uuid.uuid4(),
        "webhook_id": uuid.uuid4(),
        "project_id": project.id,
        "decision_id": decision.id,
        "transcript_id": factories.transcript(project, status="processed").id,
        "user_id": factories.user().id,
        "session_id": uuid.uuid4(),
    }


def endpoints():
    methods = {"get", "post", "put", "patch", "delete"}
    return {
        f"{method.upper()} {path}"
        for path, entry in document()["paths"].items()
        for method in methods & entry.keys()
    }


def client_of(app, role, people):
    if role == "anonymous":
        return ApiClient(app)
    client = ApiClient(app).signed_in(people[role])
    if role == "closed":
        director = ApiClient(app).signed_in(people["director"])
        assert director.delete(f"/users/{people['closed'].id}").status_code == 204
    return client


def body_of(endpoint, ids):
    if endpoint not in BODIES:
        return {}
    text = json.dumps(BODIES[endpoint]).replace("{other_id}", str(ids["other_id"]))
    return {"data": text, "content_type": "application/json"}


def test_every_endpoint_has_its_line_in_the_matrix(app):
    with app.test_request_context():
        assert endpoints() == MATRIX.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", MATRIX)
def test_each_role_gets_the_answer_of_the_matrix(app, scene, endpoint, role):
    people, ids = scene
    ids |= {name: ids[other] for name, other in OTHER_IDS.get(endpoint, {}).items()}
    method, path = endpoint.split(" ")
    client = client_of(app, role, people)
    url = path.format(**ids) + QUERIES.get(endpoint, "")
    answer = client.request(method, url, **body_of(endpoint, ids))
    expected = int(MATRIX[endpoint].split()[ROLES.index(role)])
    # Read to its end: a streamed answer holds the request's context open until then.
    text = answer.get_data(as_text=True)
    assert answer.status_code == expected, text


# Of the caller's rate limit; they go on from one request to the next.
COUNTERS = ("Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.mark.parametrize(
    "path",
    [
        "/projects/{project_id}",
        "/projects/{project_id}/decisions",
        "/decisions/{decision_id}",
        "/transcripts/{transcript_id}",
    ],
)
def test_27_what_an_outsider_may_not_see_equals_what_is_not_there(app, scene, path):
    people, ids = scene
    outsider = client_of(app, "outsider", people)
    answers = []
    for known in (ids, {name: uuid.uuid4() for name in ids}):
        answer = outsider.get(path.format(**known))
        body = answer.get_json()
        del body["request_id"]
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("X-Request-ID", *COUNTERS)
        }
        answers.append((answer.status_code, body, headers))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_27_what_an_outsider_may_not_see_is_in_no_list(app, scene):
    people, ids = scene
    outsider = client_of(app, "outsider", people)
    listed = outsider.get("/projects").get_json()
    assert (listed["projects"], listed["total"]) == ([], 0)
    assert str(ids["project_id"]) not in outsider.get("/auth/me").get_data(as_text=True)
