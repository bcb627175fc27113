"""Accounts, for directors."""

import uuid

from flask import request

from decisionlog.auth import accounts, bp, present, queries
from decisionlog.auth.guard import require_director
from decisionlog.auth.schemas import NewUser, UserChange, UserList, UserQuery, UserView
from decisionlog.errors import NotFound
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.models import User


@bp.get("/users")
@operation(query=UserQuery, returns=UserList, problems=(403, 422), tag="users")
def list_users() -> UserList:
    """The accounts, by e-mail address"""
    require_director()
    query: UserQuery = request.context.query
    rows, total = queries.users_page(query.role, query.deleted, query.limit, query.offset)
    return UserList(
        users=[present.account(row) for row in rows],
        **query.page(total),
    )


@bp.post("/users")
@operation(body=NewUser, returns=UserView, status=201, problems=(403, 409, 422), tag="users")
def create_user() -> tuple[UserView, int]:
    """Add an account"""
    director = require_director()
    body: NewUser = request.context.json
    user = accounts.create(body.email, body.name, body.role, body.password, by=director)
    db.session.commit()
    return present.account(user), 201


@bp.get("/users/<uuid:user_id>")
@operation(returns=UserView, problems=(403, 404), tag="users")
def get_user(user_id: uuid.UUID) -> UserView:
    """An account, closed ones too"""
    require_director()
    return present.account(_user(user_id))


@bp.patch("/users/<uuid:user_id>")
@operation(body=UserChange, returns=UserView, problems=(403, 404, 409, 422), tag="users")
def change_user(user_id: uuid.UUID) -> UserView:
    """Change an account; a new password ends its sessions"""
    director = require_director()
    body: UserChange = request.context.json
    user = _user(user_id)
    accounts.change(user, by=director, email=body.email, name=body.name)
    if body.role is not None:
        accounts.set_role(user, body.role, by=director)
    if body.password is not None:
        accounts.reset_password(user, body.password, by=director)
    db.session.commit()
    return present.account(user)


@bp.delete("/users/<uuid:user_id>")
@operation(status=204, problems=(403, 404, 409), tag="users")
def delete_user(user_id: uuid.UUID) -> tuple[str, int]:
    """Close an account: its tokens are dead at once, what it wrote stays"""
    director = require_director()
    accounts.deactivate(_user(user_id), by=director)
    db.session.commit()
    return "", 204


@bp.post("/users/<uuid:user_id>/restore")
@operation(returns=UserView, problems=(403, 404), tag="users")
def restore_user(user_id: uuid.UUID) -> UserView:
    """Open a closed account again"""
    director = require_director()
    user = _user(user_id)
    accounts.restore(user, by=director)
    db.session.commit()
    return present.account(user)


def _user(user_id: uuid.UUID) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user
