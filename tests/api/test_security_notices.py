"""Checklist 17: who may sign in was changed, and its owner is told at the old address."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
import time_machine

from decisionlog import clock
from decisionlog.auth import totp
from decisionlog.extensions import db
from decisionlog.jobs import send_notices
from decisionlog.models import SecurityNotice, User
from tests.api_client import ApiClient
from tests.factories import PASSWORD

NEW_PASSWORD = "quite another passphrase"


@pytest.fixture
def app_settings(mailbox):
    return mailbox.settings


@pytest.fixture
def told(app, mailbox):
    """Sends what waits, and returns pairs of address and text."""

    def send():
        db.session.rollback()
        send_notices.run(app)
        db.session.rollback()
        got = [(to, message.get_payload(decode=True).decode()) for to, message in mailbox.got]
        mailbox.got.clear()
        return got

    return send


@pytest.fixture
def changed(as_architect):
    """A notice waits: the architect has another password."""
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert as_architect.post("/auth/password", json=body).status_code == 204


def test_17_a_new_password_is_told_to_its_owner(changed, told, architect):
    [(to, text)] = told()
    assert to == [architect.email]
    assert "the password was changed" in text
    assert NEW_PASSWORD not in text
    assert told() == []


def test_17_a_new_address_is_told_to_the_old_one(as_architect, told, architect):
    before = architect.email
    body = {"email": "elsewhere@example.com", "current_password": PASSWORD}
    assert as_architect.patch("/auth/me", json=body).status_code == 200
    [(to, text)] = told()
    assert to == [before]
    assert "another e-mail address was set" in text
    assert "elsewhere" not in text


def test_17_each_change_of_the_second_factor_is_told(as_architect, told):
    begun = as_architect.post("/auth/2fa/setup", json={"current_password": PASSWORD})
    assert told() == []
    code = pyotp.TOTP(begun.get_json()["secret"])

    def confirmed(steps):
        return {"current_password": PASSWORD, "otp": code.at(clock.now(), counter_offset=steps)}

    codes = {"otp": code.at(clock.now(), counter_offset=-1)}
    for path, body, words in (
        ("enable", codes, "second factor was switched on"),
        ("recovery-codes", confirmed(0), "new recovery codes"),
        ("disable", confirmed(1), "second factor was taken off"),
    ):
        assert as_architect.post(f"/auth/2fa/{path}", json=body).status_code in (200, 204)
        [(_, text)] = told()
        assert words in text


def test_17_what_a_director_changes_is_told_too(as_director, told, architect):
    before = architect.email
    body = {"email": "elsewhere@example.com", "password": NEW_PASSWORD}
    assert as_director.patch(f"/users/{architect.id}", json=body).status_code == 200
    texts = {to[0]: text for to, text in told()}
    assert "another e-mail address" in texts[before]
    assert "the password was changed" in texts["elsewhere@example.com"]


def test_17_what_the_command_line_changes_is_told_too(app, told, architect):
    totp.begin(architect)
    totp.enable(architect)
    db.session.commit()
    email = architect.email
    assert app.test_cli_runner().invoke(args=["users", "reset-2fa", email]).exit_code == 0
    [(to, text)] = told()
    assert to == [email]
    assert "second factor was taken off" in text


def test_a_change_that_was_refused_is_not_told(as_architect, director, told):
    for body in (
        {"email": director.email, "current_password": PASSWORD},
        {"email": "elsewhere@example.com", "current_password": "wrong"},
        {"name": "Another name"},
    ):
        as_architect.patch("/auth/me", json=body)
    assert told() == []


def test_a_silent_mail_server_holds_no_request_up(make_app, architect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = make_app(SMTP_HOST="127.0.0.1", SMTP_PORT=silent.getsockname()[1])
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        answer = ApiClient(app).signed_in(architect).post("/auth/password", json=body)
        assert answer.status_code == 204
        silent.settimeout(0.2)
        with pytest.raises(TimeoutError):
            silent.accept()


def test_without_a_mail_server_the_log_says_that_nobody_is_told(make_app, architect, capsys):
    app = make_app(SMTP_HOST="")
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = ApiClient(app).signed_in(architect).post("/auth/password", json=body)
    assert answer.status_code == 204
    assert "no mail server, notice not sent" in capsys.readouterr().err
    assert db.session.query(SecurityNotice).count() == 0
    assert send_notices.run(app) == 0


def test_a_notice_that_the_mail_server_put_off_is_tried_again(app, mailbox, changed, told):
    mailbox.refusals = 1
    assert told() == []
    assert told() == []
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert len(told()) == 1
    assert db.session.query(SecurityNotice).count() == 0


def test_after_a_day_a_notice_is_given_up_and_its_address_forgotten(app, mailbox, changed, told):
    mailbox.refusals = 2
    assert told() == []
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        assert told() == []
    assert db.session.query(SecurityNotice).count() == 0


def test_several_workers_send_a_notice_once(app, mailbox, changed):
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send_notices.run, [app] * 4)) == 1
    assert len(mailbox.got) == 1


def test_a_closed_account_is_told_of_what_came_before(app, changed, told, architect):
    db.session.get(User, architect.id).deleted_at = clock.now()
    db.session.commit()
    assert len(told()) == 1
