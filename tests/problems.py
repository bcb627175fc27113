"""What a refusal must look like."""


def assert_problem(response, status, error, field=None):
    """RFC 9457 with our own members, and the field at fault where one is named."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["status"] == status
    assert problem["error"] == error
    assert problem["request_id"] == response.headers["X-Request-ID"]
    if field:
        assert field in [entry["field"] for entry in problem["errors"]]
