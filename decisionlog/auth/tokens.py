"""Access and refresh tokens (RFC 7519): made, checked and refused."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app
from flask_jwt_extended import create_access_token, create_refresh_token
from flask_jwt_extended.exceptions import RevokedTokenError

from decisionlog.auth import blocklist, queries
from decisionlog.errors import AuthenticationFailed, Problem, TokenRevoked, problem_response
from decisionlog.extensions import jwt
from decisionlog.models import Session, User

ALGORITHM = "HS256"
CLAIMS = ("sub", "jti", "sid", "iat", "exp", "type")
TYPES = ("access", "refresh")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


def issue(session: Session, refresh_jti: str) -> TokenPair:
    """A pair of tokens of the session, the refresh token under this `jti`."""
    identity, claims = str(session.user_id), {"sid": str(session.id)}
    headers = {"kid": next(iter(_keys()))}
    return TokenPair(
        create_access_token(identity, additional_claims=claims, additional_headers=headers),
        create_refresh_token(
            identity, additional_claims=claims | {"jti": refresh_jti}, additional_headers=headers
        ),
        int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds()),
    )


def _keys() -> dict[str, str]:
    """Key id to key, the signing one first. Ids are derived: no setting has to name them."""
    return {
        hashlib.sha256(key.encode()).hexdigest()[:16]: key
        for key in current_app.config["JWT_SECRET_KEY"]
    }


def _signing_key(identity: str) -> str:
    return next(iter(_keys().values()))


def _verifying_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    keys = _keys()
    return keys.get(header.get("kid"), next(iter(keys.values())))


def _has_every_claim(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    return all(claims.get(claim) for claim in CLAIMS) and claims["type"] in TYPES


def _is_revoked(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    # The database is asked together with the user, below: one query a request instead of two.
    return blocklist.redis_has_any(*_ids(claims))


def _live_user(header: dict[str, Any], claims: dict[str, Any]) -> User | None:
    try:
        user_id = uuid.UUID(claims["sub"])
    except ValueError:
        return None
    user, dead = queries.user_and_revocation(user_id, *_ids(claims))
    if dead:
        raise RevokedTokenError(header, claims)
    return user if user and user.deleted_at is None else None


def _ids(claims: dict[str, Any]) -> tuple[str, str]:
    return str(claims.get("jti")), str(claims.get("sid"))


def _refuse(*_: Any) -> Response:
    """One answer for every token that is not good, so that nobody learns why."""
    return _answer(AuthenticationFailed("A valid access token is needed."))


def _refuse_revoked(*_: Any) -> Response:
    return _answer(TokenRevoked("This session has ended. Sign in again."))


def _answer(problem: Problem) -> Response:
    return problem_response(problem.status, problem.error, problem.title, problem.detail)


def init_app(app: Flask) -> None:
    app.config.from_mapping(
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_TOKEN_LOCATION=["headers"],
    )
    jwt.encode_key_loader(_signing_key)
    jwt.decode_key_loader(_verifying_key)
    jwt.token_verification_loader(_has_every_claim)
    jwt.token_in_blocklist_loader(_is_revoked)
    jwt.user_lookup_loader(_live_user)
    jwt.unauthorized_loader(_refuse)
    jwt.invalid_token_loader(_refuse)
    jwt.expired_token_loader(_refuse)
    jwt.token_verification_failed_loader(_refuse)
    jwt.user_lookup_error_loader(_refuse)
    jwt.revoked_token_loader(_refuse_revoked)
    jwt.init_app(app)
