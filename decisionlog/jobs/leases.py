"""Who works on a transcript: claim, renew, give back. Every move is one conditional UPDATE."""

import os
import socket
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.models import Transcript
from decisionlog.vocabulary import TranscriptStatus

Result = TypeVar("Result")


class LeaseLost(Exception):
    """Another worker may have taken the transcript over: nothing may be stored."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on one transcript. `owner` is unique to the claim, not to the worker: it is the
    fencing token that every later write must present."""

    transcript_id: uuid.UUID
    owner: str
    seconds: float
    attempt: int
    request_id: str | None

    def names(self) -> dict[str, Any]:
        """What a line of the log names a claim by."""
        named = {"transcript_id": str(self.transcript_id), "attempt": self.attempt}
        return named | ({"request_id": self.request_id} if self.request_id else {})


def is_due(now: datetime) -> ColumnElement[bool]:
    """Waiting and its time has come, or in work by somebody who has fallen silent."""
    return or_(
        and_(
            Transcript.status == TranscriptStatus.PENDING,
            Transcript.next_attempt_at <= now,
        ),
        and_(
            Transcript.status == TranscriptStatus.PROCESSING,
            Transcript.lease_until < now,
        ),
    )


def due_count() -> int:
    return db.session.scalar(select(func.count(Transcript.id)).where(is_due(clock.now()))) or 0


def claim_next(seconds: float) -> Lease | None:
    """Take the transcript that has been due for longest, and commit; None if none is due."""
    now = clock.now()
    owner = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:16]}"
    due = (
        select(Transcript.id)
        .where(is_due(now))
        .order_by(Transcript.next_attempt_at, Transcript.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = db.session.execute(
        update(Transcript)
        .where(Transcript.id == due, is_due(now))
        .values(
            status=TranscriptStatus.PROCESSING,
            attempts=Transcript.attempts + 1,
            lease_owner=owner,
            lease_until=now + timedelta(seconds=seconds),
        )
        .returning(Transcript.id, Transcript.attempts, Transcript.request_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    db.session.commit()
    return Lease(row.id, owner, seconds, row.attempts, row.request_id) if row else None


def is_held(lease: Lease, now: datetime) -> ColumnElement[bool]:
    """The fence: the lease is still this claim's and has not run out."""
    return and_(
        Transcript.id == lease.transcript_id,
        Transcript.lease_owner == lease.owner,
        Transcript.lease_until > now,
    )


def release(lease: Lease, **values: Any) -> None:
    """Write the outcome into the row and give it back, within the caller's transaction.

    Raises LeaseLost when the row is no longer this claim's: the caller must roll back.
    """
    result = db.session.execute(
        update(Transcript)
        .where(is_held(lease, clock.now()))
        .values(lease_owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        raise LeaseLost


def renew(lease: Lease) -> None:
    """Keep the transcript for as long again as when it was claimed, and commit.

    Raises LeaseLost when the claim has run out or passed on: its result would not be stored.
    """
    now = clock.now()
    result = db.session.execute(
        update(Transcript)
        .where(is_held(lease, now))
        .values(lease_until=now + timedelta(seconds=lease.seconds))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    if result.rowcount != 1:
        raise LeaseLost


def while_renewing(lease: Lease, call: Callable[[], Result]) -> Result:
    """What `call`, made in a thread of its own, returns or raises; the lease is renewed meanwhile.

    Raises LeaseLost, which leaves the call to end unheard.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="call")
    try:
        made = pool.submit(call)
        while wait([made], timeout=lease.seconds / 3).not_done:
            renew(lease)
        return made.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
