"""The front door, as tests use it."""

import json

from flask import has_app_context
from flask.testing import FlaskClient

from decisionlog.auth import sessions
from decisionlog.extensions import db
from decisionlog.webhook import proofs


class ApiClient:
    """A test client that says who is asking. `signed_in` gives another one, for that user."""

    def __init__(self, app, headers=None):
        self.app = app
        self.headers = headers or {}
        self.http: FlaskClient = app.test_client()

    def signed_in(self, user) -> "ApiClient":
        with self.app.test_request_context():
            pair = sessions.start(user)
            db.session.commit()
        return ApiClient(self.app, {"Authorization": f"Bearer {pair.access_token}"})

    def with_token(self, token) -> "ApiClient":
        return ApiClient(self.app, {"Authorization": f"Bearer {token}"})

    def request(self, method, path, **kwargs):
        headers = self.headers | kwargs.pop("headers", {})
        response = self.http.open(path, method=method, headers=headers, **kwargs)
        if response.status_code >= 400 and has_app_context():
            # The test's own context outlives the request: end what its teardown would have ended.
            db.session.rollback()
        return response

    def get(self, path, **kwargs):
        return self.request("GET", path, **kwargs)

    def post(self, path, **kwargs):
        return self.request("POST", path, **kwargs)

    def patch(self, path, **kwargs):
        return self.request("PATCH", path, **kwargs)

    def put(self, path, **kwargs):
        return self.request("PUT", path, **kwargs)

    def delete(self, path, **kwargs):
        return self.request("DELETE", path, **kwargs)

    def deliver(self, payload, *, secret=None, headers=None, path="/webhooks/transcript"):
        """Post to the webhook, signed. `payload` is JSON, or the raw bytes of a body."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        secret = secret or self.app.config["TACTIQ_WEBHOOK_SECRET"][0]
        signed = {"X-Tactiq-Signature": proofs.sign(secret, body)} | (headers or {})
        return self.http.post(path, data=body, headers=signed, content_type="application/json")
