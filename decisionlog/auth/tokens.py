"""Access and refresh tokens (RFC 7519), the sessions that hold them together, and their end."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, request
from flask_jwt_extended import create_access_token, create_refresh_token

from decisionlog import audit, clock
from decisionlog.auth import queries
from decisionlog.errors import AuthenticationFailed, Problem, TokenRevoked, problem_response
from decisionlog.extensions import db, jwt
from decisionlog.models import RevokedToken, Session, User

ALGORITHM = "HS256"
REFRESH_GRACE = timedelta(seconds=10)
CLAIMS = ("sub", "jti", "sid", "iat", "exp", "type")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


def open_session(user: User) -> TokenPair:
    """Begin a session for a user who has proved who they are."""
    now = clock.now()
    session = Session(
        id=uuid.uuid4(),
        user_id=user.id,
        refresh_jti=str(uuid.uuid4()),
        last_used_at=now,
        expires_at=now + current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
        ip=request.remote_addr,
        user_agent=(request.user_agent.string or "")[:300] or None,
    )
    db.session.add(session)
    return _issue(session, session.refresh_jti)


def rotate(session_id: uuid.UUID, jti: str) -> TokenPair | None:
    """Exchange the refresh token `jti` for a new pair; None if it may not be used (again).

    Reuse of an old token ends the whole session (RFC 9700 section 4.14.2): one of the two that
    hold it is not its owner. Two tabs may refresh at once, though: for a few seconds the token
    used just before is answered with the same successor again, so that the chain does not fork.
    """
    session = queries.session(session_id, lock=True)
    if session is None or session.revoked_at is not None:
        return None
    now = clock.now()
    if _is_twin(session, jti, now):
        return _issue(session, session.refresh_jti)
    if jti != session.refresh_jti:
        close_session(session)
        audit.record("token.reused", user_id=session.user_id, subject_id=session.id)
        return None
    session.previous_refresh_jti, session.refresh_jti = jti, str(uuid.uuid4())
    session.rotated_at = session.last_used_at = now
    session.expires_at = now + current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
    return _issue(session, session.refresh_jti)


def _is_twin(session: Session, jti: str, now: datetime) -> bool:
    return (
        jti == session.previous_refresh_jti
        and session.rotated_at is not None
        and now - session.rotated_at <= REFRESH_GRACE
    )


def close_session(session: Session) -> None:
    """End a session: its tokens are refused from the next request on."""
    session.revoked_at = clock.now()
    _revoke(str(session.id), _latest_expiry(session))


def close_all_sessions(user: User, but: uuid.UUID | None = None) -> None:
    """End every session of a user, apart from the one named."""
    for session in queries.open_sessions(user):
        if session.id != but:
            close_session(session)


def _issue(session: Session, refresh_jti: str) -> TokenPair:
    identity, claims = str(session.user_id), {"sid": str(session.id)}
    headers = {"kid": next(iter(_keys()))}
    return TokenPair(
        create_access_token(identity, additional_claims=claims, additional_headers=headers),
        create_refresh_token(
            identity, additional_claims=claims | {"jti": refresh_jti}, additional_headers=headers
        ),
        int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds()),
    )


def _revoke(token_or_session_id: str, expires_at: datetime) -> None:
    if db.session.get(RevokedToken, token_or_session_id) is None:
        db.session.add(RevokedToken(id=token_or_session_id, expires_at=expires_at))


def _latest_expiry(session: Session) -> datetime:
    """The moment after which none of the session's tokens can be alive."""
    longest = max(
        current_app.config["JWT_ACCESS_TOKEN_EXPIRES"],
        current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
    )
    return max(session.expires_at, clock.now() + longest)


def _keys() -> dict[str, str]:
    """Key id to key, the signing one first. Ids are derived: no setting has to name them."""
    return {
        hashlib.sha256(key.encode()).hexdigest()[:16]: key
        for key in current_app.config["JWT_SECRET_KEY"]
    }


@jwt.encode_key_loader
def _signing_key(identity: str) -> str:
    return next(iter(_keys().values()))


@jwt.decode_key_loader
def _verifying_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    keys = _keys()
    return keys.get(header.get("kid", ""), next(iter(keys.values())))


@jwt.token_verification_loader
def _has_every_claim(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    return all(claims.get(claim) for claim in CLAIMS)


@jwt.token_in_blocklist_loader
def _is_revoked(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    return queries.is_revoked(str(claims.get("jti")), str(claims.get("sid")))


@jwt.user_lookup_loader
def _live_user(header: dict[str, Any], claims: dict[str, Any]) -> User | None:
    try:
        user_id = uuid.UUID(claims["sub"])
    except ValueError:
        return None
    return queries.live_user(user_id)


def _refuse(*_: Any) -> Response:
    """One answer for every token that is not good, so that nobody learns why."""
    return _answer(AuthenticationFailed("A valid access token is needed."))


def _refuse_revoked(*_: Any) -> Response:
    return _answer(TokenRevoked("This session has ended. Sign in again."))


def _answer(problem: Problem) -> Response:
    return problem_response(
        problem.status, problem.error, problem.title, problem.detail, headers=problem.headers
    )


def init_app(app: Flask) -> None:
    app.config.from_mapping(
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_COOKIE_CSRF_PROTECT=False,
    )
    jwt.unauthorized_loader(_refuse)
    jwt.invalid_token_loader(_refuse)
    jwt.expired_token_loader(_refuse)
    jwt.token_verification_failed_loader(_refuse)
    jwt.user_lookup_error_loader(_refuse)
    jwt.revoked_token_loader(_refuse_revoked)
    jwt.init_app(app)
