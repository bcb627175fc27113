"""What a refresh does when its session is gone since the token was let in."""

import uuid

import pytest
from flask_jwt_extended import decode_token

from decisionlog.auth import sessions
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, Session, User
from tests import factories


@pytest.fixture
def session(app):
    with app.test_request_context():
        sessions.start(factories.user())
        db.session.commit()
        yield db.session.query(Session).one()


def columns(row):
    return {column.name: getattr(row, column.name) for column in Session.__table__.columns}


def test_the_new_pair_is_of_the_row_as_it_is_now(session):
    before = session.refresh_jti
    pair = sessions.rotate(session.id, before)
    assert decode_token(pair.refresh_token)["jti"] == session.refresh_jti != before


def test_a_session_that_was_ended_meanwhile_is_neither_refreshed_nor_prolonged(session):
    sessions.end(session)
    db.session.commit()
    before = columns(session)
    assert sessions.rotate(session.id, session.refresh_jti) is None
    db.session.expire_all()
    assert columns(session) == before
    assert db.session.query(AuditEvent).all() == []


def test_a_session_that_was_purged_meanwhile_is_not_refreshed(session):
    assert sessions.rotate(uuid.uuid4(), session.refresh_jti) is None
    assert db.session.query(AuditEvent).all() == []


def test_a_token_id_counts_for_its_own_session_only(session):
    sessions.start(db.session.get_one(User, session.user_id))
    db.session.commit()
    other = db.session.query(Session).filter(Session.id != session.id).one()
    before = columns(session)
    assert sessions.rotate(other.id, session.refresh_jti) is None
    db.session.expire_all()
    assert columns(session) == before
    assert other.revoked_at is not None
