"""Projects, as far as the caller may see them."""

import uuid

from flask import request

from decisionlog.auth.guard import current_user, require_director
from decisionlog.auth.queries import live_user
from decisionlog.decisions import access, bp, present, projects, queries
from decisionlog.decisions.bodies import MemberInput, ProjectChange, ProjectInput
from decisionlog.decisions.schemas import Member, ProjectDetail, ProjectList
from decisionlog.errors import NotFound
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.http.pagination import PageQuery
from decisionlog.models import User


@bp.get("/projects")
@operation(query=PageQuery, returns=ProjectList, problems=(422,), tag="projects")
def list_projects() -> ProjectList:
    """The projects that you may see, by name"""
    query: PageQuery = request.context.query
    rows, total = queries.projects_page(current_user(), query.limit, query.offset)
    return ProjectList(
        projects=[present.project(row) for row in rows],
        **query.page(total),
    )


@bp.post("/projects")
@operation(
    body=ProjectInput, returns=ProjectDetail, status=201, problems=(403, 422), tag="projects"
)
def create_project() -> tuple[ProjectDetail, int]:
    """Begin a project; you become its owner"""
    user = current_user()
    access.require_colleague(user)
    project = projects.make(request.context.json, user)
    db.session.commit()
    return _detail(user, project.id), 201


@bp.get("/projects/<uuid:project_id>")
@operation(returns=ProjectDetail, problems=(404,), tag="projects")
def get_project(project_id: uuid.UUID) -> ProjectDetail:
    """A project with its members and figures"""
    user = current_user()
    access.project(user, project_id)
    return _detail(user, project_id)


@bp.patch("/projects/<uuid:project_id>")
@operation(body=ProjectChange, returns=ProjectDetail, problems=(403, 404, 422), tag="projects")
def change_project(project_id: uuid.UUID) -> ProjectDetail:
    """Rename or describe a project (directors and owners)"""
    user = current_user()
    project = access.own_project(user, project_id)
    projects.change(project, request.context.json, user)
    db.session.commit()
    return _detail(user, project_id)


@bp.delete("/projects/<uuid:project_id>")
@operation(status=204, problems=(403, 404), tag="projects")
def archive_project(project_id: uuid.UUID) -> tuple[str, int]:
    """Archive a project (directors)

    Nothing is erased, but nobody sees it any more.
    """
    user = current_user()
    project = access.project(user, project_id)
    require_director()
    projects.archive(project, user)
    db.session.commit()
    return "", 204


@bp.put("/projects/<uuid:project_id>/members/<uuid:user_id>")
@operation(
    body=MemberInput,
    returns=Member,
    also={201: Member},
    problems=(403, 404, 422),
    tag="projects",
)
def set_member(project_id: uuid.UUID, user_id: uuid.UUID) -> tuple[Member, int]:
    """Let a user into a project, or give them another role (directors and owners)"""
    by = current_user()
    project = access.own_project(by, project_id)
    user = live_user(user_id)
    membership, is_new = projects.set_member(project, user, request.context.json.role, by)
    db.session.commit()
    member = Member(id=user.id, name=user.name, email=user.email, role=membership.role)
    return member, 201 if is_new else 200


@bp.delete("/projects/<uuid:project_id>/members/<uuid:user_id>")
@operation(status=204, problems=(403, 404), tag="projects")
def remove_member(project_id: uuid.UUID, user_id: uuid.UUID) -> tuple[str, int]:
    """Shut a user out of a project (directors and owners)"""
    by = current_user()
    project = access.own_project(by, project_id)
    projects.remove_member(project, user_id, by)
    db.session.commit()
    return "", 204


def _detail(user: User, project_id: uuid.UUID) -> ProjectDetail:
    row = queries.project_row(user, project_id)
    if row is None:
        raise NotFound
    return present.project_detail(
        row, queries.project_members(project_id), queries.project_counts(user, project_id)
    )
