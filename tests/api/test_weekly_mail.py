"""The weekly digest by mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.jobs import send_digests
from decisionlog.models import DigestSubscription
from tests import factories
from tests.problems import assert_problem


@pytest.fixture
def app_settings(mailbox):
    return mailbox.settings


@pytest.fixture
def subscribed(as_director, director, project):
    """A director whose digest has just become due, with a decision to read about."""
    body = as_director.put("/digest/subscription", json={"time_zone": "Europe/Lisbon"}).get_json()
    assert body["subscribed"] is True
    factories.decision(
        project, decision_statement="Telhado de ardósia", meeting_date=clock.now().date()
    )
    row = db.session.get(DigestSubscription, director.id)
    row.next_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    return director


def test_a_digest_that_is_due_goes_out_once(app, mailbox, subscribed, project):
    assert send_digests.run(app) == 1
    assert send_digests.run(app) == 0
    [(to, message)] = mailbox.got
    assert to == [subscribed.email]
    assert message["From"] == "log@example.com"
    text = message.get_payload(decode=True).decode()
    assert text.startswith(f"# {project.name}: ")
    assert "Telhado de ardósia" in text


def test_several_workers_send_it_once(app, mailbox, subscribed):
    db.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(send_digests.run, [app] * 6)) == 1
    assert len(mailbox.got) == 1


def test_a_refused_mail_is_tried_again(app, mailbox, subscribed):
    mailbox.refusals = 1
    assert send_digests.run(app) == 0
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert send_digests.run(app) == 1
    assert len(mailbox.got) == 1


def test_a_week_without_news_sends_nothing(app, mailbox, as_director, director):
    as_director.put("/digest/subscription", json={})
    factories.project()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert send_digests.run(app) == 0
    assert mailbox.got == []
    following = db.session.get(DigestSubscription, director.id).next_at
    assert following > clock.now() + timedelta(days=7)


def test_who_left_or_was_demoted_gets_none(app, mailbox, subscribed):
    for change in ({"deleted_at": clock.now()}, {"deleted_at": None, "role": "architect"}):
        for name, value in change.items():
            setattr(subscribed, name, value)
        db.session.commit()
        assert send_digests.run(app) == 0
    assert mailbox.got == []


def test_who_unsubscribed_gets_none(app, mailbox, as_director, subscribed):
    assert as_director.delete("/digest/subscription").status_code == 204
    assert as_director.get("/digest/subscription").get_json()["subscribed"] is False
    assert send_digests.run(app) == 0


def test_without_a_mail_server_nothing_is_claimed(make_app, subscribed):
    assert send_digests.run(make_app(SMTP_HOST="")) == 0
    assert db.session.get(DigestSubscription, subscribed.id).next_at < clock.now()


def test_the_digest_is_for_directors(as_architect):
    for method in ("GET", "DELETE"):
        response = as_architect.request(method, "/digest/subscription")
        assert_problem(response, 403, "permission_denied")
    response = as_architect.put("/digest/subscription", json={})
    assert_problem(response, 403, "permission_denied")


def test_an_unknown_time_zone_is_refused(as_director):
    response = as_director.put("/digest/subscription", json={"time_zone": "Mars/Olympus"})
    assert_problem(response, 422, "validation_error", "time_zone")
