"""One worker at a time, whatever happens to the others."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.jobs import leases
from decisionlog.models import Transcript
from tests import factories

SECONDS = 300


def at_once(app, count, work):
    """What `work` returns in each of `count` threads that start together, an app context each."""
    start, results = threading.Barrier(count), []

    def run():
        with app.app_context():
            start.wait()
            results.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


def fresh(transcript):
    db.session.expire_all()
    return db.session.get(Transcript, transcript.id)


def test_workers_that_claim_at_once_never_share_a_transcript(app, project):
    waiting = {factories.transcript(project).id for _ in range(12)}

    def claim_all():
        claimed = []
        while lease := leases.claim_next(SECONDS):
            claimed.append(lease.transcript_id)
        return claimed

    claims = Counter(id for worker in at_once(app, 6, claim_all) for id in worker)
    assert set(claims.values()) == {1}
    # A worker may find every waiting row locked by others and leave: the sweep calls it back.
    while lease := leases.claim_next(SECONDS):
        claims[lease.transcript_id] += 1
    assert claims == Counter(waiting)


def test_a_claim_counts_the_attempt_and_holds_the_row(transcript):
    lease = leases.claim_next(SECONDS)
    row = fresh(transcript)
    assert (row.status, row.attempts, row.lease_owner) == ("processing", 1, lease.owner)
    assert row.lease_until > clock.now() + timedelta(seconds=SECONDS - 10)
    assert leases.claim_next(SECONDS) is None


def test_the_one_that_waits_longest_comes_first(project):
    now = clock.now()
    late = factories.transcript(project, next_attempt_at=now - timedelta(seconds=1))
    early = factories.transcript(project, next_attempt_at=now - timedelta(seconds=2))
    assert leases.claim_next(SECONDS).transcript_id == early.id
    assert leases.claim_next(SECONDS).transcript_id == late.id


def test_a_transcript_is_not_claimed_before_its_time(project):
    factories.transcript(project, next_attempt_at=clock.now() + timedelta(minutes=5))
    assert leases.claim_next(SECONDS) is None
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert leases.claim_next(SECONDS) is not None


@pytest.mark.parametrize("status", ["processed", "failed"])
def test_an_ended_transcript_is_not_claimed(project, status):
    factories.transcript(project, status=status)
    assert leases.claim_next(SECONDS) is None


def test_a_silent_workers_transcript_is_claimed_by_one_other(app, transcript):
    leases.claim_next(SECONDS)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1), tick=True):
        claims = at_once(app, 5, lambda: leases.claim_next(SECONDS))
    (lease,) = [claim for claim in claims if claim]
    assert (lease.transcript_id, lease.attempt) == (transcript.id, 2)


def test_a_renewed_lease_outlives_its_first_term(transcript):
    lease = leases.claim_next(SECONDS)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS - 1)):
        leases.renew(lease)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1)):
        assert leases.claim_next(SECONDS) is None
        leases.renew(lease)


def test_a_lease_that_ran_out_is_lost_even_if_nobody_took_it(transcript):
    lease = leases.claim_next(SECONDS)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1)):
        with pytest.raises(leases.LeaseLost):
            leases.renew(lease)
        with pytest.raises(leases.LeaseLost):
            leases.release(lease, status="processed")


def test_the_first_owner_can_write_nothing_once_another_has_claimed(transcript):
    zombie = leases.claim_next(SECONDS)
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1)):
        heir = leases.claim_next(SECONDS)
        with pytest.raises(leases.LeaseLost):
            leases.release(zombie, status="failed")
        db.session.rollback()
        assert fresh(transcript).lease_owner == heir.owner
        leases.release(heir, status="processed")
        db.session.commit()
    assert fresh(transcript).lease_owner is None


def test_what_is_due_is_counted(project):
    factories.transcript(project)
    factories.transcript(project, next_attempt_at=clock.now() + timedelta(hours=1))
    factories.transcript(project, status="processed")
    assert leases.due_count() == 1
    leases.claim_next(SECONDS)
    assert leases.due_count() == 0
    with time_machine.travel(clock.now() + timedelta(seconds=SECONDS + 1)):
        assert leases.due_count() == 1
