"""What the API's document shows as answers: one small project, the same everywhere."""

from typing import Any

from pydantic import ConfigDict

PROJECT_ID = "8d1d8a2c-53b0-4a2b-8c55-5d2f3a9a8f10"
RAFT_ID = "3f0c2a5e-6a0f-4b53-9d0e-0d4f6f0a7c11"
PILES_ID = "5b2f6a1e-9f0b-4b6e-8a54-2f3a4f1c7d22"
PERSON_ID = "c7a1d9de-0f5a-4b0f-9a3e-1b7f6a2d3e33"
TRANSCRIPT_ID = "e4c9b0aa-7d1c-4a51-b7e6-6f0d2c8b9a44"
WEBHOOK_ID = "0d9f1e2b-3c4d-4e5f-8a6b-7c8d9e0f1a55"
LINK_ID = "a2b4c6d8-1e3f-4a5b-9c7d-8e9f0a1b2c66"

QUOTE = "Agreed, we go with the raft foundation"
EVIDENCE = {
    "quote": QUOTE,
    "speaker": "Rui Costa",
    "timestamp": "00:12:40",
    "start": 9120,
    "end": 9158,
}
PARTICIPANT = {"name": "Rui Costa", "email": "rui@example.com", "role": "structural engineer"}

DECISION = {
    "id": RAFT_ID,
    "project_id": PROJECT_ID,
    "transcript_id": TRANSCRIPT_ID,
    "decision_statement": "A raft foundation replaces the piles.",
    "who": "Rui Costa",
    "timestamp": "00:12:40",
    "quote": QUOTE,
    "discipline": "structural",
    "why": "The piles are too expensive on this ground.",
    "causation": "cost_saving",
    "impacts": [{"type": "budget", "change": "-40,000"}],
    "evidence": [EVIDENCE],
    "consensus": {"structural": "AGREE", "architecture": "AGREE"},
    "confidence": 0.86,
    "anomaly_flags": [],
    "consistency_notes": "",
    "status": "approved",
    "review_on": "2027-01-31",
    "source": "meeting",
    "approved": True,
    "approved_by": PERSON_ID,
    "approved_at": "2026-11-04T09:30:00Z",
    "approval_notes": "As agreed with the client.",
    "meeting_title": "Design review",
    "meeting_type": "client",
    "meeting_date": "2026-11-03",
    "meeting_participants": [PARTICIPANT],
    "created_at": "2026-11-03T15:02:11Z",
    "updated_at": "2026-11-04T09:30:00Z",
}
RELATIONSHIP = {
    "id": LINK_ID,
    "type": "supersedes",
    "direction": "outgoing",
    "decision_id": PILES_ID,
    "decision_statement": "The building stands on bored piles.",
    "confirmed": True,
}
DETAIL = DECISION | {
    "transcript_excerpt": {
        "text": f"[00:12:40] Rui Costa: {QUOTE}, then.",
        "start": 9098,
        "end": 9165,
        "quote_start": 22,
        "quote_end": 60,
    },
    "meeting": {
        "id": "tactiq-4711",
        "title": "Design review",
        "type": "client",
        "date": "2026-11-03",
        "duration_minutes": 55,
        "participants": [PARTICIPANT],
    },
    "similar_decisions": [
        {
            "decision_id": PILES_ID,
            "similarity_score": 0.41,
            "decision_statement": "The building stands on bored piles.",
        }
    ],
    "relationships": [RELATIONSHIP],
    "superseded_by": None,
    "version": 2,
}
MEMBER = {"id": PERSON_ID, "name": "Ana Prado", "email": "ana@example.com", "role": "owner"}
PROJECT = {
    "id": PROJECT_ID,
    "name": "Quay House",
    "description": "Twelve flats on the old quay",
    "created_at": "2026-09-01T08:00:00Z",
    "member_count": 1,
    "decision_count": 2,
    "latest_decision": "2026-11-03",
}
PROJECT_DETAIL = PROJECT | {
    "members": [MEMBER],
    "stats": {
        "total_decisions": 2,
        "decisions_last_week": 1,
        "decisions_by_discipline": {"structural": 2},
        "decisions_by_meeting_type": {"client": 2},
    },
}
CHAIN_LINK = {
    "decision_id": PILES_ID,
    "decision_statement": "The building stands on bored piles.",
    "meeting_date": "2026-10-06",
    "status": "superseded",
    "type": "supersedes",
    "via": RAFT_ID,
    "depth": 1,
}
VERSION = {
    "version": 2,
    "changed_by": PERSON_ID,
    "changed_by_name": "Ana Prado",
    "changed_at": "2026-11-04T09:30:00Z",
    "changes": [{"field": "status", "old": "proposed", "new": "approved"}],
}
PASSAGE = {
    "transcript_id": TRANSCRIPT_ID,
    "meeting_title": "Design review",
    "meeting_date": "2026-11-03",
    "speaker": "Rui Costa",
    "timestamp": "00:12:40",
    "char_start": 9120,
    "text": f"{QUOTE}, then.",
    "highlights": [{"field": "text", "start": 23, "end": 27}],
}
DIGEST = {
    "project": {"id": PROJECT_ID, "name": "Quay House"},
    "period": {"date_from": "2026-11-01", "date_to": "2026-11-30"},
    "summary": {
        "total_decisions": 1,
        "total_meetings": 1,
        "by_discipline": {"structural": 1},
        "high_impact_decisions": 0,
        "decisions_with_dissent": 0,
    },
    "highlights": [
        {
            "type": "cost",
            "count": 1,
            "title": "Changes in cost",
            "description": "A raft foundation replaces the piles.",
            "decision_ids": [RAFT_ID],
        }
    ],
    "anomalies": [],
}
WEBHOOK = {
    "id": WEBHOOK_ID,
    "url": "https://hooks.example.com/decisionlog",
    "events": ["decision.approved"],
    "created_at": "2026-11-03T15:02:11Z",
}
DELIVERY = {
    "id": LINK_ID,
    "event": "decision.approved",
    "attempts": 1,
    "created_at": "2026-11-04T09:30:00Z",
    "delivered_at": "2026-11-04T09:30:21Z",
    "next_at": None,
    "last_status": 204,
    "last_error": None,
}


def page(name: str, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A page of a list with one row."""
    return {name: [row], "total": 1, "limit": 50, "offset": 0, **more}


def of(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that shows an example."""
    return ConfigDict(json_schema_extra={"examples": [example]})
