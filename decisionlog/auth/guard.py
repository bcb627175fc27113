"""What a blueprint puts before its routes, and what its routes ask of it."""

import uuid

from flask_jwt_extended import get_current_user, get_jwt, verify_jwt_in_request

from decisionlog.errors import PermissionDenied
from decisionlog.models import User


def require_access_token() -> None:
    """Let the request through only with a live access token of a live user.

    What is refused is answered by the loaders in `decisionlog.auth.tokens`.
    """
    verify_jwt_in_request()


def current_user() -> User:
    """The user of the request's token, loaded anew for this request."""
    return get_current_user()


def current_session_id() -> uuid.UUID:
    return uuid.UUID(get_jwt()["sid"])


def require_director() -> User:
    """The current user. Raises PermissionDenied for anyone but a director."""
    user = current_user()
    if not user.is_director:
        raise PermissionDenied("Only a director may do this.")
    return user
