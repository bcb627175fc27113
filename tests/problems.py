"""What every refusal looks like."""


def assert_problem(response, status, error, field=None):
    """The response is problem+json of RFC 9457 with this project's members."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["status"] == status
    assert problem["error"] == error
    assert problem["title"]
    assert problem["detail"]
    assert all(entry["message"] for entry in problem.get("errors", []))
    assert problem["request_id"] == response.headers["X-Request-ID"]
    if field:
        assert field in [entry["field"] for entry in problem["errors"]]


def assert_same_bytes(response, other):
    """Apart from its request id one answer can't be told from the other."""
    assert response.status_code == other.status_code
    assert _without_id(response) == _without_id(other)


def _without_id(response):
    return response.get_data().replace(response.headers["X-Request-ID"].encode(), b"")
