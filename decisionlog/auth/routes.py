"""Signing in and out."""

import uuid

from flask import request
from flask_jwt_extended import get_jwt, verify_jwt_in_request

from decisionlog import audit
from decisionlog.auth import bp, captcha, identity, limits, present, queries, sessions
from decisionlog.auth.guard import current_session_id, current_user
from decisionlog.auth.schemas import LoginAnswer, LoginBody, SessionList, Tokens
from decisionlog.errors import AuthenticationFailed, NotFound
from decisionlog.extensions import db
from decisionlog.http.openapi import ANYONE, operation


@bp.post("/auth/login")
@limits.login_limits
@operation(body=LoginBody, returns=LoginAnswer, problems=(401, 422), security=ANYONE, tag="auth")
def login() -> LoginAnswer:
    """Sign in with e-mail and password, and a code where the second factor is on"""
    body: LoginBody = request.context.json
    captcha.require(body.captcha_token, limits.failures())
    user = identity.authenticate(body.email, body.password, body.otp)
    pair = sessions.start(user)
    audit.record("login.succeeded", user_id=user.id)
    db.session.commit()
    return LoginAnswer(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
        user=present.current_user(user),
    )


@bp.post("/auth/refresh")
@operation(returns=Tokens, tag="auth")
def refresh() -> Tokens:
    """Exchange a refresh token for a new pair

    Send the refresh token as the bearer token. It works once: using it again ends the session.
    """
    verify_jwt_in_request(refresh=True)
    pair = sessions.rotate(current_session_id(), get_jwt()["jti"])
    db.session.commit()
    if pair is None:
        raise AuthenticationFailed("This refresh token has been used. Sign in again.")
    return Tokens(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
    )


@bp.post("/auth/logout")
@operation(status=204, tag="auth")
def logout() -> tuple[str, int]:
    """End this session: its access and refresh tokens are dead at once"""
    session = queries.session(current_session_id())
    if session is not None:
        sessions.end(session)
    audit.record("logout", user_id=current_user().id)
    db.session.commit()
    return "", 204


@bp.post("/auth/logout-all")
@operation(status=204, tag="auth")
def logout_all() -> tuple[str, int]:
    """End every session of yours, this one too"""
    user = current_user()
    ended = sessions.end_all(user)
    audit.record("logout.everywhere", user_id=user.id, sessions=ended)
    db.session.commit()
    return "", 204


@bp.get("/auth/sessions")
@operation(returns=SessionList, tag="auth")
def list_sessions() -> SessionList:
    """Where you are signed in, the last used first"""
    here = current_session_id()
    found = queries.open_sessions(current_user())
    return SessionList(sessions=[present.session(row, row.id == here) for row in found])


@bp.delete("/auth/sessions/<uuid:session_id>")
@operation(status=204, problems=(404,), tag="auth")
def end_session(session_id: uuid.UUID) -> tuple[str, int]:
    """Sign out somewhere else"""
    user = current_user()
    session = queries.session(session_id)
    if session is None or session.user_id != user.id or session.revoked_at is not None:
        raise NotFound
    sessions.end(session)
    audit.record("session.ended", user_id=user.id, subject_id=session.id)
    db.session.commit()
    return "", 204
