"""Projects and who works on them."""

import uuid

from decisionlog import audit, clock
from decisionlog.decisions.bodies import ProjectChange, ProjectInput
from decisionlog.errors import NotFound
from decisionlog.extensions import db
from decisionlog.models import Project, ProjectMember, User
from decisionlog.vocabulary import ProjectRole


def make(given: ProjectInput, by: User) -> Project:
    """A new project, whose owner is who made it."""
    project = Project(name=given.name, description=given.description)
    db.session.add(project)
    db.session.flush()
    db.session.add(ProjectMember(project_id=project.id, user_id=by.id, role=ProjectRole.OWNER))
    audit.record("project.created", user_id=by.id, project_id=project.id)
    return project


def change(project: Project, given: ProjectChange, by: User) -> None:
    named = given.model_dump(exclude_none=True)
    for name, value in named.items():
        setattr(project, name, value)
    audit.record("project.changed", user_id=by.id, project_id=project.id, fields=sorted(named))


def archive(project: Project, by: User) -> None:
    """Out of everybody's sight, with all that is in it."""
    project.archived_at = clock.now()
    audit.record("project.archived", user_id=by.id, project_id=project.id)


def set_member(
    project: Project, user: User | None, role: ProjectRole, by: User
) -> tuple[ProjectMember, bool]:
    """Let a user in, or give them another role. Returns the membership and whether it is new.

    Raises NotFound where there is no such account.
    """
    if user is None:
        raise NotFound
    member = db.session.get(ProjectMember, (project.id, user.id))
    is_new = member is None
    if member is None:
        member = ProjectMember(project_id=project.id, user_id=user.id)
        db.session.add(member)
    member.role = role
    audit.record(
        "project.member_set",
        user_id=by.id,
        project_id=project.id,
        subject_id=user.id,
        role=role,
    )
    return member, is_new


def remove_member(project: Project, user_id: uuid.UUID, by: User) -> None:
    """Shut a user out, from the next request on. Raises NotFound for who is no member."""
    member = db.session.get(ProjectMember, (project.id, user_id))
    if member is None:
        raise NotFound
    db.session.delete(member)
    audit.record("project.member_removed", user_id=by.id, project_id=project.id, subject_id=user_id)
