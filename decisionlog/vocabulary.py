"""The closed word lists of the record, as they stand on the wire and in the database."""

from enum import StrEnum


class Role(StrEnum):
    DIRECTOR = "director"
    ARCHITECT = "architect"
    CLIENT = "client"


class ProjectRole(StrEnum):
    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"


class Discipline(StrEnum):
    ARCHITECTURE = "architecture"
    STRUCTURAL = "structural"
    MEP = "mep"
    ELECTRICAL = "electrical"
    PLUMBING = "plumbing"
    LANDSCAPE = "landscape"
    INTERIOR = "interior"
    GENERAL = "general"


class MeetingType(StrEnum):
    CLIENT = "client"
    MULTI_DISCIPLINARY = "multi-disciplinary"
    INTERNAL = "internal"


class Causation(StrEnum):
    CLIENT_REQUEST = "client_request"
    ERROR_FOUND = "error_found"
    CONSTRAINT = "constraint"
    COST_SAVING = "cost_saving"
    SCOPE_CHANGE = "scope_change"
    RISK_MITIGATION = "risk_mitigation"
    OTHER = "other"


class ImpactType(StrEnum):
    TIMELINE = "timeline"
    BUDGET = "budget"
    SCOPE = "scope"
    QUALITY = "quality"
    RISK = "risk"


class Position(StrEnum):
    """Where a discipline stands on a decision."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    ABSTAIN = "ABSTAIN"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class DecisionStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class DecisionSource(StrEnum):
    MEETING = "meeting"
    MANUAL = "manual"


class RelationshipType(StrEnum):
    TRIGGERED = "triggered"
    REVERSED = "reversed"
    CONFLICTS = "conflicts"
    SUPPORTS = "supports"
    SUPERSEDES = "supersedes"


class TranscriptStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


class RunStatus(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


class SecurityChange(StrEnum):
    """What a user is told of by mail."""

    PASSWORD = "password"  # noqa: S105 (a word for it)
    EMAIL = "email"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES = "recovery_codes"
