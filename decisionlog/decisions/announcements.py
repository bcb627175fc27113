"""What outgoing webhooks are told of a decision."""

from typing import Any

from decisionlog import clock
from decisionlog.models import Decision
from decisionlog.notify import outgoing
from decisionlog.vocabulary import DecisionStatus

EVENTS = {
    DecisionStatus.PROPOSED: "decision.proposed",
    DecisionStatus.APPROVED: "decision.approved",
    DecisionStatus.SUPERSEDED: "decision.superseded",
}


def announce(decision: Decision) -> None:
    """Tell of the state that a decision has just come into, within the transaction."""
    event = EVENTS.get(decision.status)
    if event is not None:
        outgoing.enqueue(decision.project_id, event, _brief(decision))


def _brief(decision: Decision) -> dict[str, Any]:
    return {
        "id": str(decision.id),
        "project_id": str(decision.project_id),
        "decision_statement": decision.decision_statement,
        "who": decision.who,
        "quote": decision.quote,
        "discipline": decision.discipline,
        "status": decision.status,
        "meeting_date": decision.meeting_date.isoformat(),
        "updated_at": clock.iso(decision.updated_at),
    }
