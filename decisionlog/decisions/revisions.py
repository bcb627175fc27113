"""Every change of a decision, and its version. Nothing else may write to one that exists."""

import uuid
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from decisionlog import audit, clock
from decisionlog.decisions import announcements, lifecycle, search
from decisionlog.decisions.bodies import DecisionChange, ManualDecision, Verdict
from decisionlog.errors import PermissionDenied, PreconditionFailed
from decisionlog.extensions import db
from decisionlog.models import Decision, DecisionVersion, User
from decisionlog.vocabulary import DecisionSource, DecisionStatus

# What stands in the approval is told by who changed the status and when; the history need not
# say it twice.
NOT_TOLD = {"approved_by", "approved_at"}


def make(project_id: uuid.UUID, given: ManualDecision, by: User) -> Decision:
    """A decision made outside a meeting, as a proposal."""
    fields = given.model_dump(mode="json", exclude={"who", "review_on", "meeting_date"})
    decision = Decision(
        id=uuid.uuid4(),
        project_id=project_id,
        who=given.who or by.name,
        review_on=given.review_on,
        meeting_date=given.meeting_date or clock.now().date(),
        source=DecisionSource.MANUAL,
        created_by=by.id,
        **fields,
    )
    db.session.add(decision)
    db.session.flush()
    db.session.add(DecisionVersion(decision_id=decision.id, version=1, changed_by=by.id))
    search.index(decision)
    _record("decision.created", decision, by)
    announcements.announce(decision)
    return decision


def change(decision: Decision, given: DecisionChange, by: User) -> None:
    """What a PATCH asks for. Raises PermissionDenied, Conflict or PreconditionFailed."""
    fields = given.text_fields()
    if fields and decision.status != DecisionStatus.PROPOSED and not by.is_director:
        raise PermissionDenied("Only a director may edit what has been reviewed.")
    review_asked = given.model_fields_set & set(Verdict.model_fields)
    if review_asked and not by.is_director:
        raise PermissionDenied("Only a director may review a decision.")
    verdict = _verdict_fields(decision, given, by) if review_asked else {}
    for _, changed in _revise([decision], by, lambda _: fields | verdict):
        if fields.keys() & changed:
            search.index(decision)
        _tell(decision, changed, by)


def review(decisions: Collection[Decision], given: Verdict, by: User) -> None:
    """The same verdict on all of them.

    Raises Conflict or PreconditionFailed: the caller must keep none of it then.
    """
    for decision, changed in _revise(
        decisions, by, lambda decision: _verdict_fields(decision, given, by)
    ):
        _tell(decision, changed, by)


def move(decision: Decision, status: DecisionStatus, by: User) -> None:
    """A change of status that a relationship brings about. Raises PreconditionFailed."""
    for _, changed in _revise([decision], by, lambda _: {"status": status}):
        _tell(decision, changed, by)


def delete(decision: Decision, by: User | None) -> None:
    """Out of sight, never out of the database. Raises PreconditionFailed."""
    _revise([decision], by, lambda _: {"deleted_at": clock.now()})
    search.remove(decision.id)
    _record("decision.deleted", decision, by)


def restore(decision: Decision, by: User) -> None:
    """Raises PreconditionFailed."""
    _revise([decision], by, lambda _: {"deleted_at": None})
    search.index(decision)
    _record("decision.restored", decision, by)


def _verdict_fields(decision: Decision, given: Verdict, by: User) -> dict[str, Any]:
    after = given.verdict
    fields: dict[str, Any] = {}
    if "notes" in given.model_fields_set:
        fields["approval_notes"] = given.notes or ""
    if after is None or after == decision.status:
        return fields
    lifecycle.check_review(decision.status, after)
    approved = after == DecisionStatus.APPROVED
    return fields | {
        "status": after,
        "approved_by": by.id if approved else None,
        "approved_at": clock.now() if approved else None,
    }


def _revise(
    decisions: Collection[Decision],
    by: User | None,
    fields_of: Callable[[Decision], dict[str, Any]],
) -> list[tuple[Decision, set[str]]]:
    """Set what differs, and write a version for each decision that it changed.

    Returns these decisions with the names of the fields. Raises PreconditionFailed.
    """
    now = clock.now()
    changed: list[tuple[Decision, dict[str, Any]]] = []
    # All are asked before the first is touched: one that refuses leaves the others alone.
    asked = [(decision, fields_of(decision)) for decision in decisions]
    for decision, fields in asked:
        differences = {
            name: [_plain(getattr(decision, name)), _plain(value)]
            for name, value in fields.items()
            if getattr(decision, name) != value
        }
        if differences:
            for name in differences:
                setattr(decision, name, fields[name])
            decision.updated_at = now
            changed.append((decision, differences))
    _flush()
    for decision, differences in changed:
        told = {name: pair for name, pair in differences.items() if name not in NOT_TOLD}
        db.session.add(
            DecisionVersion(
                decision_id=decision.id,
                version=decision.version,
                changed_by=by.id if by else None,
                changed_at=now,
                changes=told,
            )
        )
    return [(decision, set(differences)) for decision, differences in changed]


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        # Someone committed between our SELECT and our UPDATE; the UPDATE's version check saw it.
        db.session.rollback()
        raise PreconditionFailed from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _tell(decision: Decision, changed: set[str], by: User) -> None:
    """Put the change into the audit, and a new state to whoever waits for it."""
    edited = changed - NOT_TOLD
    if "status" in changed:
        _record(f"decision.{decision.status}", decision, by)
        announcements.announce(decision)
        edited -= {"status", "approval_notes"}
    if edited:
        _record("decision.edited", decision, by, fields=sorted(edited))


def _record(event: str, decision: Decision, by: User | None, **details: Any) -> None:
    audit.record(
        event,
        user_id=by.id if by else None,
        project_id=decision.project_id,
        subject_id=decision.id,
        version=decision.version,
        **details,
    )
