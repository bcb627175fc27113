"""The audit log, for directors."""

from flask import request

from decisionlog.auth import bp, queries
from decisionlog.auth.guard import require_director
from decisionlog.auth.schemas import AuditEntry, AuditPage, AuditQuery
from decisionlog.http.openapi import operation


@bp.get("/audit")
@operation(query=AuditQuery, returns=AuditPage, problems=(403, 422), tag="audit")
def list_audit_events() -> AuditPage:
    """What happened, the newest first"""
    require_director()
    query: AuditQuery = request.context.query
    rows, next_cursor = queries.audit_page(query)
    return AuditPage(
        events=[AuditEntry.model_validate(row) for row in rows], next_cursor=next_cursor
    )
