from decisionlog.models.audit import AuditEvent
from decisionlog.models.decision import (
    Decision,
    DecisionRelationship,
    DecisionVector,
    DecisionVersion,
)
from decisionlog.models.notification import (
    DigestSubscription,
    OutgoingWebhook,
    SecurityNotice,
    WebhookDelivery,
)
from decisionlog.models.project import IngestToken, Project, ProjectMember
from decisionlog.models.run import ExtractionRun
from decisionlog.models.session import RevokedToken, Session
from decisionlog.models.transcript import Transcript
from decisionlog.models.user import RecoveryCode, User

__all__ = [
    "AuditEvent",
    "Decision",
    "DecisionRelationship",
    "DecisionVector",
    "DecisionVersion",
    "DigestSubscription",
    "ExtractionRun",
    "IngestToken",
    "OutgoingWebhook",
    "Project",
    "ProjectMember",
    "RecoveryCode",
    "RevokedToken",
    "SecurityNotice",
    "Session",
    "Transcript",
    "User",
    "WebhookDelivery",
]
