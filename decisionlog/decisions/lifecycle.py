"""What may become of a decision: the allowed moves, as a table."""

from decisionlog.errors import Conflict
from decisionlog.vocabulary import DecisionStatus

PROPOSED, APPROVED, REJECTED, SUPERSEDED = (
    DecisionStatus.PROPOSED,
    DecisionStatus.APPROVED,
    DecisionStatus.REJECTED,
    DecisionStatus.SUPERSEDED,
)

# A decision is superseded by the one that replaces it: only the link between the two moves it
# there and back.
BY_REVIEW: dict[DecisionStatus, frozenset[DecisionStatus]] = {
    PROPOSED: frozenset({APPROVED, REJECTED}),
    APPROVED: frozenset({PROPOSED, REJECTED}),
    REJECTED: frozenset({PROPOSED, APPROVED}),
    SUPERSEDED: frozenset(),
}


def check_review(before: DecisionStatus, after: DecisionStatus) -> None:
    """Raises Conflict for a move that is not in the table; staying where one is is none."""
    if before != after and after not in BY_REVIEW[before]:
        if SUPERSEDED in (before, after):
            raise Conflict(
                f"A decision becomes and ceases to be {SUPERSEDED} by its relationship"
                " `supersedes` with the decision that replaces it."
            )
        raise Conflict(f"A decision that is {before} can't become {after}.")
