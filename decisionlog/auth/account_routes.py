"""One's own account."""

from flask import request

from decisionlog import audit
from decisionlog.auth import accounts, bp, identity, present, sessions
from decisionlog.auth.guard import current_session_id, current_user
from decisionlog.auth.schemas import CurrentUser, MeChange, PasswordBody
from decisionlog.extensions import db
from decisionlog.http.openapi import operation


@bp.get("/auth/me")
@operation(returns=CurrentUser, tag="auth")
def me() -> CurrentUser:
    """The signed-in user"""
    return present.current_user(current_user())


@bp.patch("/auth/me")
@operation(body=MeChange, returns=CurrentUser, problems=(403, 409, 422), tag="auth")
def change_me() -> CurrentUser:
    """Change your name, or with your password your e-mail address"""
    body: MeChange = request.context.json
    user = current_user()
    if body.email is not None:
        identity.require_password(user, body.current_password or "")
    accounts.change(user, by=user, email=body.email, name=body.name)
    db.session.commit()
    return present.current_user(user)


@bp.post("/auth/password")
@operation(body=PasswordBody, status=204, problems=(403, 422), tag="auth")
def change_password() -> tuple[str, int]:
    """Change your password; your other sessions end"""
    body: PasswordBody = request.context.json
    user = current_user()
    identity.require_password(user, body.current_password)
    accounts.set_password(user, body.new_password, field="new_password")
    sessions.end_all(user, but=current_session_id())
    audit.record("password.changed", user_id=user.id, subject_id=user.id)
    db.session.commit()
    return "", 204
