"""Who may see and do what: the one SQL filter, used by every query of the record.

Directors see all projects. Everybody else sees the projects that they are members of; clients see
of these only what was approved in client meetings. What is archived or deleted nobody sees.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, bindparam, select, true

from decisionlog.errors import NotFound, PermissionDenied
from decisionlog.extensions import db
from decisionlog.models import Decision, Project, ProjectMember, Transcript, User
from decisionlog.vocabulary import DecisionStatus, MeetingType, ProjectRole

# Most requests ask one of these: they are put together once.
_PROJECT = select(Project).where(
    Project.id == bindparam("project_id"), Project.archived_at.is_(None)
)
_JOINED_PROJECT = _PROJECT.join(ProjectMember, ProjectMember.project_id == Project.id).where(
    ProjectMember.user_id == bindparam("user_id")
)


def visible_projects(user: User) -> ColumnElement[bool]:
    """The condition on `Project` under which the user may see it."""
    return and_(Project.archived_at.is_(None), _joined(user, Project.id))


def visible_decisions(user: User) -> ColumnElement[bool]:
    """The condition on `Decision` under which the user may see it, apart from its project's."""
    alive = Decision.deleted_at.is_(None)
    if not user.is_client:
        return alive
    return and_(
        alive,
        Decision.meeting_type == MeetingType.CLIENT,
        Decision.status == DecisionStatus.APPROVED,
    )


def project(user: User, project_id: uuid.UUID) -> Project:
    """A project that the user may see. Raises NotFound."""
    statement = _PROJECT if user.is_director else _JOINED_PROJECT
    asked = {"project_id": project_id, "user_id": user.id}
    found = db.session.scalar(statement, asked)
    if found is None:
        raise NotFound
    return found


def own_project(user: User, project_id: uuid.UUID) -> Project:
    """A project that the user runs: a director or an owner. Raises NotFound, PermissionDenied."""
    found = project(user, project_id)
    require_owner(user, project_id)
    return found


def deleted_decision(user: User, decision_id: uuid.UUID) -> Decision:
    """A deleted decision of a project that the user may see; clients see none. Raises NotFound."""
    found = db.session.scalar(
        select(Decision)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.id == decision_id, Decision.deleted_at.is_not(None), visible_projects(user))
    )
    if found is None or user.is_client:
        raise NotFound
    return found


def decisions(
    user: User, project_id: uuid.UUID, decision_ids: Collection[uuid.UUID]
) -> list[Decision]:
    """These decisions of the project, in any order. Raises NotFound if one is not to be seen."""
    found = list(
        db.session.scalars(
            select(Decision).where(
                Decision.project_id == project_id,
                Decision.id.in_(decision_ids),
                visible_decisions(user),
            )
        )
    )
    if len(found) != len(set(decision_ids)):
        raise NotFound
    return found


def decision(user: User, decision_id: uuid.UUID) -> Decision:
    """A decision that the user may see. Raises NotFound."""
    found = db.session.scalar(
        select(Decision)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.id == decision_id, visible_decisions(user), visible_projects(user))
    )
    if found is None:
        raise NotFound
    return found


def transcript(user: User, transcript_id: uuid.UUID) -> Transcript:
    """A transcript that the user may see; clients see none, for they hold what was never decided.

    Raises NotFound.
    """
    found = db.session.scalar(
        select(Transcript)
        .join(Project, Project.id == Transcript.project_id)
        .where(Transcript.id == transcript_id, visible_projects(user))
    )
    if found is None or user.is_client:
        raise NotFound
    return found


def project_role(user: User, project_id: uuid.UUID) -> ProjectRole | None:
    return db.session.scalar(
        select(ProjectMember.role).where(
            ProjectMember.project_id == project_id, ProjectMember.user_id == user.id
        )
    )


def require_contributor(user: User, project_id: uuid.UUID) -> None:
    """Raises PermissionDenied for those who may only read: viewers and clients."""
    if user.is_director:
        return
    role = project_role(user, project_id)
    if user.is_client or role not in (ProjectRole.OWNER, ProjectRole.MEMBER):
        raise PermissionDenied("You may read this project, but not change it.")


def require_colleague(user: User) -> None:
    """Raises PermissionDenied for clients: how a decision came about is the office's own."""
    if user.is_client:
        raise PermissionDenied("This is for the office only.")


def require_owner(user: User, project_id: uuid.UUID) -> None:
    """Raises PermissionDenied for all but directors and the project's owners."""
    if user.is_director:
        return
    if user.is_client or project_role(user, project_id) != ProjectRole.OWNER:
        raise PermissionDenied("Only a director or an owner of the project may do this.")


def _joined(user: User, project_id: ColumnElement[uuid.UUID]) -> ColumnElement[bool]:
    if user.is_director:
        return true()
    memberships = select(ProjectMember.project_id).where(ProjectMember.user_id == user.id)
    return project_id.in_(memberships)
