"""The transcripts of a project: how far each one is, and the manual way in."""

import uuid

from flask import current_app, request

from decisionlog import audit, jobs
from decisionlog.auth.guard import current_user, require_director
from decisionlog.decisions import access, bp, present, queries
from decisionlog.decisions.schemas import TranscriptDetail, TranscriptList, TranscriptReceipt
from decisionlog.errors import Invalid
from decisionlog.extensions import db
from decisionlog.http.openapi import operation
from decisionlog.http.pagination import PageQuery
from decisionlog.jobs.reprocess import reprocess
from decisionlog.transcripts import UnreadableTranscript, decode
from decisionlog.webhook.intake import take_in
from decisionlog.webhook.routes import answer
from decisionlog.webhook.schemas import TranscriptFile, TranscriptUpload


@bp.get("/projects/<uuid:project_id>/transcripts")
@operation(query=PageQuery, returns=TranscriptList, problems=(403, 404, 422), tag="transcripts")
def list_transcripts(project_id: uuid.UUID) -> TranscriptList:
    """A project's transcripts, the newest first"""
    query: PageQuery = request.context.query
    user = current_user()
    access.project(user, project_id)
    access.require_colleague(user)
    rows, total = queries.transcripts_page(project_id, query.limit, query.offset)
    return TranscriptList(
        transcripts=[present.transcript(row) for row in rows],
        **query.page(total),
    )


@bp.post("/projects/<uuid:project_id>/transcripts")
@operation(
    body=TranscriptUpload,
    form=TranscriptFile,
    returns=TranscriptReceipt,
    status=202,
    also={200: TranscriptReceipt},
    problems=(403, 404, 409, 422),
    tag="transcripts",
)
def upload_transcript(project_id: uuid.UUID) -> tuple[TranscriptReceipt, int]:
    """Hand in a transcript, as JSON or as a file

    A file goes as multipart/form-data in the field `file`, with the meeting's fields beside it.
    """
    user = current_user()
    access.project(user, project_id)
    access.require_contributor(user, project_id)
    given = request.context.json or request.context.form
    text, filename = _text(given)
    receipt = take_in(project_id, text, given, source="manual", filename=filename, uploaded_by=user)
    return answer(receipt.transcript_id, receipt.duplicate)


@bp.get("/transcripts/<uuid:transcript_id>")
@operation(returns=TranscriptDetail, problems=(404,), tag="transcripts")
def get_transcript(transcript_id: uuid.UUID) -> TranscriptDetail:
    """How far a transcript is, and what each attempt did"""
    row = access.transcript(current_user(), transcript_id)
    return present.transcript_detail(row, queries.runs(row.id), queries.decision_count(row.id))


@bp.post("/transcripts/<uuid:transcript_id>/reprocess")
@operation(returns=TranscriptReceipt, status=202, problems=(403, 404, 409), tag="transcripts")
def reprocess_transcript(transcript_id: uuid.UUID) -> tuple[TranscriptReceipt, int]:
    """Extract a transcript's decisions anew

    What people have reviewed, edited, linked or deleted stays; other proposals are replaced. Where
    a batch is outstanding, it is looked at at once, and kept. For directors; 409 while the
    transcript is due already or being worked on.
    """
    transcript = access.transcript(current_user(), transcript_id)
    director = require_director()
    reprocess(transcript.id)
    audit.record(
        "transcript.reprocessed",
        user_id=director.id,
        project_id=transcript.project_id,
        subject_id=transcript.id,
    )
    db.session.commit()
    jobs.wake(current_app)
    return answer(transcript_id, duplicate=False)


def _text(given: TranscriptUpload | TranscriptFile) -> tuple[str, str | None]:
    if isinstance(given, TranscriptUpload):
        return given.transcript, None
    filename = getattr(given.file, "filename", None)
    if filename is None:
        raise Invalid.field("file", "must be a file")
    try:
        return decode(given.file.read(), filename), filename
    except UnreadableTranscript as error:
        raise Invalid.field("file", str(error)) from error
