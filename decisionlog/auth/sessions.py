"""Sessions: a login and the tokens that follow from it, until it ends."""

import uuid
from datetime import datetime, timedelta

from flask import current_app, request
from sqlalchemy import delete, update

from decisionlog import audit, clock
from decisionlog.auth import blocklist, queries, tokens
from decisionlog.auth.tokens import TokenPair
from decisionlog.extensions import db
from decisionlog.models import Session, User

REFRESH_GRACE = timedelta(seconds=10)


def start(user: User) -> TokenPair:
    """Begin a session for a user who has proved who they are; the oldest one beyond
    SESSIONS_PER_USER ends."""
    now = clock.now()
    allowed = current_app.config["SESSIONS_PER_USER"]
    for surplus in queries.open_sessions(user)[allowed - 1 :]:
        end(surplus)
    session = Session(
        id=uuid.uuid4(),
        user_id=user.id,
        refresh_jti=str(uuid.uuid4()),
        last_used_at=now,
        expires_at=now + current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
        ip=request.remote_addr,
        user_agent=request.user_agent.string[:300] or None,
    )
    db.session.add(session)
    return tokens.issue(session, session.refresh_jti)


def rotate(session_id: uuid.UUID, jti: str) -> TokenPair | None:
    """Exchange the refresh token `jti` for a new pair; None if it may not be used (again).

    Reuse of an old token ends the whole session (RFC 9700 section 4.14.2): one of the two that
    hold it is not its owner. Two tabs may refresh at once, though: for a few seconds the token
    used just before is answered with the same successor again, so that the chain does not fork.
    """
    now = clock.now()
    rotated = db.session.execute(
        update(Session)
        .where(Session.id == session_id, Session.refresh_jti == jti, Session.revoked_at.is_(None))
        .values(
            previous_refresh_jti=jti,
            refresh_jti=str(uuid.uuid4()),
            rotated_at=now,
            last_used_at=now,
            expires_at=now + current_app.config["JWT_REFRESH_TOKEN_EXPIRES"],
        )
        .execution_options(synchronize_session=False)
    ).rowcount
    session = queries.session(session_id)
    if session is None or session.revoked_at is not None:
        return None
    if rotated or _is_twin(session, jti, now):
        return tokens.issue(session, session.refresh_jti)
    end(session)
    audit.record("token.reused", user_id=session.user_id, subject_id=session.id)
    return None


def _is_twin(session: Session, jti: str, now: datetime) -> bool:
    return (
        jti == session.previous_refresh_jti
        and session.rotated_at is not None
        and now - session.rotated_at <= REFRESH_GRACE
    )


def end(session: Session) -> None:
    """End a session: its tokens are refused from the next request on."""
    session.revoked_at = clock.now()
    blocklist.add(str(session.id), _latest_expiry(session))


def end_all(user: User, but: uuid.UUID | None = None) -> int:
    """End every session of a user, apart from the one named. Returns how many ended."""
    ending = [session for session in queries.open_sessions(user) if session.id != but]
    for session in ending:
        end(session)
    return len(ending)


def purge() -> int:
    """Delete the sessions that ended or ran out long enough ago for their tokens to be dead, and
    the blocklist's entries for them. Returns how many sessions; not committed."""
    blocklist.purge()
    return db.session.execute(delete(Session).where(Session.expires_at < clock.now())).rowcount


def _latest_expiry(session: Session) -> datetime:
    """The moment after which none of the session's tokens can be alive. The settings may have
    been longer when they were made."""
    longest = clock.now() + current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
    return max(session.expires_at, longest)
