"""Signing in and out."""

from flask import current_app, request
from flask_jwt_extended import get_jwt, verify_jwt_in_request

from decisionlog import audit
from decisionlog.auth import bp, passwords, queries, tokens
from decisionlog.auth.guard import current_session_id, current_user
from decisionlog.auth.schemas import CurrentUser, LoginAnswer, LoginBody, Tokens
from decisionlog.errors import AuthenticationFailed
from decisionlog.extensions import db, limiter
from decisionlog.http.openapi import ANYONE, operation
from decisionlog.models import User


def login_limit() -> str:
    return current_app.config["RATELIMIT_LOGIN"]


@bp.post("/auth/login")
@limiter.limit(login_limit)
@operation(body=LoginBody, returns=LoginAnswer, problems=(401,), security=ANYONE, tag="auth")
def login() -> LoginAnswer:
    """Sign in with e-mail and password"""
    body: LoginBody = request.context.json
    user = queries.user_by_email(body.email)
    known = user is not None and user.deleted_at is None
    if not passwords.check_password(body.password, user.password_hash if known else None):
        audit.record("login.failed", user_id=user.id if user else None)
        db.session.commit()
        raise AuthenticationFailed("The e-mail address or the password is wrong.")
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(body.password)
    pair = tokens.open_session(user)
    audit.record("login.succeeded", user_id=user.id)
    db.session.commit()
    return LoginAnswer(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
        user=present_user(user),
    )


@bp.post("/auth/refresh")
@operation(returns=Tokens, problems=(401,), tag="auth")
def refresh() -> Tokens:
    """Exchange a refresh token for a new pair

    Send the refresh token as the bearer token. It works once: using it again ends the session.
    """
    verify_jwt_in_request(refresh=True)
    pair = tokens.rotate(current_session_id(), get_jwt()["jti"])
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
    user = current_user()
    tokens.close_session(queries.session(current_session_id()))
    audit.record("logout", user_id=user.id)
    db.session.commit()
    return "", 204


@bp.get("/auth/me")
@operation(returns=CurrentUser, tag="auth")
def me() -> CurrentUser:
    """The signed-in user"""
    return present_user(current_user())


def present_user(user: User) -> CurrentUser:
    return CurrentUser(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        projects=queries.project_ids(user),
    )
