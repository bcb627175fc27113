"""Projects, as far as the caller may see them."""

import uuid

from flask import request

from decisionlog.auth.guard import current_user
from decisionlog.decisions import bp, present, queries
from decisionlog.decisions.schemas import ProjectDetail, ProjectList
from decisionlog.errors import NotFound
from decisionlog.http.openapi import operation
from decisionlog.http.pagination import PageQuery


@bp.get("/projects")
@operation(query=PageQuery, returns=ProjectList, problems=(422,), tag="projects")
def list_projects() -> ProjectList:
    """The projects that you may see, by name"""
    query: PageQuery = request.context.query
    rows, total = queries.projects_page(current_user(), query.limit, query.offset)
    return ProjectList(
        projects=[present.project(row) for row in rows],
        total=total,
        limit=query.limit,
        offset=query.offset,
    )


@bp.get("/projects/<uuid:project_id>")
@operation(returns=ProjectDetail, problems=(404,), tag="projects")
def get_project(project_id: uuid.UUID) -> ProjectDetail:
    """A project with its members and figures"""
    user = current_user()
    row = queries.project_row(user, project_id)
    if row is None:
        raise NotFound
    return present.project_detail(
        row, queries.project_members(project_id), queries.project_counts(user, project_id)
    )
