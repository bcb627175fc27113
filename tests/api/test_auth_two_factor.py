"""The second factor: enrolment, codes, recovery codes, and what it changes."""

import re
import threading
import xml.etree.ElementTree as ET

import pyotp
import pytest
import time_machine
from sqlalchemy import select, update
from structlog.testing import capture_logs

from decisionlog import clock
from decisionlog.auth import sealing, totp
from decisionlog.extensions import db
from decisionlog.models import AuditEvent, RecoveryCode, User
from tests import factories
from tests.api.test_auth import events, login
from tests.api_client import ApiClient
from tests.conftest import SETTINGS
from tests.factories import PASSWORD
from tests.problems import assert_problem

NOON = "2026-11-03T12:00:00Z"


@pytest.fixture
def then(app):
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def here(then, client, architect):
    return client.signed_in(architect)


@pytest.fixture
def secret(here):
    return here.post("/auth/2fa/setup", json={"current_password": PASSWORD}).get_json()["secret"]


@pytest.fixture
def recovery_codes(here, secret, then):
    answer = here.post("/auth/2fa/enable", json={"otp": code(secret)})
    assert answer.status_code == 200
    # The code of enrolment is used up.
    then.shift(30)
    return answer.get_json()["recovery_codes"]


def code(secret, steps=0):
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=steps)


def confirmed(secret, otp=None):
    return {"current_password": PASSWORD, "otp": otp or code(secret)}


def test_enrolment_shows_the_secret_in_three_ways(here, architect):
    answer = here.post("/auth/2fa/setup", json={"current_password": PASSWORD}).get_json()
    parsed = pyotp.parse_uri(answer["otpauth_uri"])
    assert parsed.secret == answer["secret"]
    assert parsed.issuer == "DecisionLog"
    assert parsed.name == architect.email
    drawing = ET.fromstring(answer["qr_svg"])
    assert answer["qr_svg"].startswith("<svg ")
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert "script" not in answer["qr_svg"]


def test_enrolment_needs_the_password(here):
    answer = here.post("/auth/2fa/setup", json={"current_password": "wrong"})
    assert_problem(answer, 403, "permission_denied")


def test_enrolment_counts_for_nothing_before_its_first_code(client, here, secret, architect):
    assert login(client, architect.email).status_code == 200
    assert_problem(here.post("/auth/2fa/enable", json={"otp": "000000"}), 403, "permission_denied")
    assert login(client, architect.email).status_code == 200


def test_enabling_without_a_set_up_is_a_conflict(here):
    assert_problem(here.post("/auth/2fa/enable", json={"otp": "123456"}), 409, "conflict")


def test_the_secret_is_encrypted_at_rest(secret, architect):
    stored = db.session.scalar(select(User.totp_secret))
    assert secret not in stored
    assert sealing.unseal(stored) == secret


def test_the_secret_is_never_shown_again(here, secret, recovery_codes, architect):
    again = here.post("/auth/2fa/setup", json={"current_password": PASSWORD})
    assert_problem(again, 409, "conflict")
    assert secret not in here.get("/auth/me").get_data(as_text=True)


def test_with_the_second_factor_on_a_login_needs_a_code(client, architect, secret, recovery_codes):
    missing = login(client, architect.email)
    assert_problem(missing, 401, "otp_required")
    wrong = login(client, architect.email, otp="000000")
    assert_problem(wrong, 401, "authentication_failed")
    assert login(client, architect.email, otp=code(secret)).status_code == 200
    assert events("2fa.failed") == 1


def test_a_wrong_password_never_tells_that_there_is_a_second_factor(
    client, architect, recovery_codes
):
    assert_problem(login(client, architect.email, "wrong"), 401, "authentication_failed")


def test_a_code_works_once(client, architect, secret, recovery_codes):
    otp = code(secret)
    assert login(client, architect.email, otp=otp).status_code == 200
    assert_problem(login(client, architect.email, otp=otp), 401, "authentication_failed")


def test_a_code_may_be_typed_as_apps_show_it(client, architect, secret, recovery_codes):
    otp = code(secret)
    assert login(client, architect.email, otp=f"{otp[:3]} {otp[3:]}").status_code == 200


def test_a_code_used_at_login_is_used_up_everywhere(
    client, here, architect, secret, recovery_codes
):
    otp = code(secret)
    login(client, architect.email, otp=otp)
    answer = here.post("/auth/2fa/recovery-codes", json=confirmed(secret, otp))
    assert_problem(answer, 403, "permission_denied")


def test_an_older_code_is_refused_after_a_newer_one(client, architect, secret, recovery_codes):
    assert login(client, architect.email, otp=code(secret, 1)).status_code == 200
    assert login(client, architect.email, otp=code(secret)).status_code == 401


def test_of_two_parallel_uses_of_a_code_one_loses(app, architect, secret, recovery_codes):
    otp, email, statuses = code(secret), architect.email, []

    def use():
        statuses.append(login(ApiClient(app), email, otp=otp).status_code)

    uses = [threading.Thread(target=use) for _ in range(4)]
    for each in uses:
        each.start()
    for each in uses:
        each.join()
    assert sorted(statuses) == [200, 401, 401, 401]


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_a_clock_may_be_one_step_off(
    client, architect, secret, recovery_codes, then, steps, status
):
    then.shift(300)
    assert login(client, architect.email, otp=code(secret, steps)).status_code == status


def test_codes_have_a_limit_that_a_right_password_does_not_reset(
    client, architect, secret, recovery_codes
):
    # The first of the five was the code of enrolment.
    for number in range(4):
        wrong = login(client, architect.email, otp="000000", address=f"10.1.0.{number}")
        assert wrong.status_code == 401
    login(client, architect.email, address="10.1.0.8")
    late = login(client, architect.email, otp=code(secret), address="10.1.0.9")
    assert_problem(late, 429, "rate_limit_exceeded")


def test_the_limit_of_codes_is_one_over_all_routes_that_take_one(here, secret, recovery_codes):
    statuses = [
        here.post(path, json=confirmed(secret, "000000")).status_code
        for path in ["/auth/2fa/disable", "/auth/2fa/recovery-codes"] * 3
    ]
    # One of the five was the code of enrolment.
    assert statuses == [403] * 4 + [429] * 2


def test_each_account_has_its_own_limit_of_codes(client, architect, recovery_codes):
    other = factories.user(
        totp_secret=sealing.seal(pyotp.random_base32()), totp_enabled_at=clock.now()
    )
    for number in range(5):
        login(client, architect.email, otp="000000", address=f"10.1.0.{number}")
    answer = login(client, other.email, otp="000000", address="10.1.0.9")
    assert_problem(answer, 401, "authentication_failed")


def test_a_code_is_used_up_for_its_own_account_only(client, architect, secret, recovery_codes):
    twin = factories.user(totp_secret=architect.totp_secret, totp_enabled_at=clock.now())
    for person in (architect, twin):
        assert login(client, person.email, otp=code(secret)).status_code == 200


def test_recovery_codes_work_once_each_in_any_spelling(client, architect, recovery_codes):
    assert len(set(recovery_codes)) == 10
    assert all(re.fullmatch("([A-Z2-7]{6}-){3}[A-Z2-7]{6}", each) for each in recovery_codes)
    spelling = recovery_codes[0].replace("-", " ").lower()
    assert login(client, architect.email, otp=spelling).status_code == 200
    assert login(client, architect.email, otp=recovery_codes[0]).status_code == 401
    assert login(client, architect.email, otp=recovery_codes[1]).status_code == 200


def test_recovery_codes_are_stored_hashed(app, recovery_codes):
    stored = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(stored) == 10
    assert all(len(value) == 64 for value in stored)
    assert not set(stored) & set(recovery_codes)


def test_new_recovery_codes_void_the_old(client, here, architect, secret, recovery_codes):
    answer = here.post("/auth/2fa/recovery-codes", json=confirmed(secret))
    fresh = answer.get_json()["recovery_codes"]
    assert login(client, architect.email, otp=recovery_codes[0]).status_code == 401
    assert login(client, architect.email, otp=fresh[0]).status_code == 200


@pytest.mark.parametrize("body", [{"current_password": "wrong"}, {"otp": "000000"}])
def test_switching_off_needs_password_and_code(here, secret, recovery_codes, body):
    answer = here.post("/auth/2fa/disable", json=confirmed(secret) | body)
    assert_problem(answer, 403, "permission_denied")


def test_switched_off_no_code_is_asked_for(client, here, architect, secret, recovery_codes):
    assert here.post("/auth/2fa/disable", json=confirmed(secret)).status_code == 204
    assert login(client, architect.email).status_code == 200
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert_problem(here.post("/auth/2fa/disable", json=confirmed(secret)), 409, "conflict")


def test_switching_on_and_off_ends_the_other_sessions(client, here, architect, secret, then):
    before = client.signed_in(architect)
    here.post("/auth/2fa/enable", json={"otp": code(secret)})
    assert before.get("/auth/me").status_code == 401
    between = client.signed_in(architect)
    then.shift(30)
    here.post("/auth/2fa/disable", json=confirmed(secret))
    assert between.get("/auth/me").status_code == 401
    assert here.get("/auth/me").status_code == 200


def test_with_the_second_factor_on_eight_characters_are_enough(here, secret, recovery_codes):
    short = {"current_password": PASSWORD, "new_password": "tr0ub4d&"}
    assert here.post("/auth/password", json=short).status_code == 204
    off = here.post("/auth/2fa/disable", json={"current_password": "tr0ub4d&", "otp": code(secret)})
    assert_problem(off, 409, "conflict")


def test_a_common_password_of_eight_characters_is_refused_all_the_same(
    here, secret, recovery_codes
):
    common = {"current_password": PASSWORD, "new_password": "Password1"}
    assert_problem(here.post("/auth/password", json=common), 422, "validation_error")


def test_a_new_encryption_key_reads_what_the_old_one_wrote(
    make_app, architect, secret, recovery_codes
):
    old, new = SETTINGS["TOTP_ENCRYPTION_KEY"], "a new encryption key that is as long as it must be"
    rotated = ApiClient(make_app(TOTP_ENCRYPTION_KEY=f"{new},{old}"))
    assert login(rotated, architect.email, otp=code(secret)).status_code == 200


def test_without_its_key_a_second_factor_stays_closed_but_for_recovery_codes(
    make_app, architect, secret, recovery_codes
):
    other = ApiClient(make_app(TOTP_ENCRYPTION_KEY="some other key that is as long as it must be"))
    with capture_logs() as logged:
        assert login(other, architect.email, otp=code(secret)).status_code == 401
    assert {
        "event": "second factor unreadable: its TOTP_ENCRYPTION_KEY is gone",
        "log_level": "error",
        "user_id": str(architect.id),
    } in logged
    assert login(other, architect.email, otp=recovery_codes[0]).status_code == 200


def test_an_administrator_can_take_a_lost_second_factor_off(
    client, runner, here, architect, recovery_codes
):
    result = runner.invoke(args=["users", "reset-2fa", architect.email])
    assert result.exit_code == 0, result.output
    assert here.get("/auth/me").status_code == 401
    assert login(client, architect.email).status_code == 200
    assert events("user.2fa_reset") == 1


def test_codes_of_a_secret_that_was_replaced_meanwhile_are_refused(
    client, architect, secret, recovery_codes
):
    db.session.execute(update(User).values(totp_secret=sealing.seal(pyotp.random_base32())))
    db.session.commit()
    assert login(client, architect.email, otp=code(secret)).status_code == 401


def test_a_code_is_refused_whose_secret_is_replaced_while_it_is_looked_at(
    architect, secret, recovery_codes
):
    replacement = update(User).values(totp_secret=sealing.seal(pyotp.random_base32()))
    assert sealing.unseal(architect.totp_secret) == secret
    db.session.execute(replacement.execution_options(synchronize_session=False))
    assert not totp.use_code(architect, code(secret))


def test_the_audit_of_the_second_factor_names_its_user(client, here, architect, secret, then):
    here.post("/auth/2fa/enable", json={"otp": code(secret)})
    login(client, architect.email, otp="000000")
    here.post("/auth/2fa/disable", json=confirmed(secret, "000000"))
    then.shift(30)
    here.post("/auth/2fa/recovery-codes", json=confirmed(secret))
    then.shift(30)
    here.post("/auth/2fa/disable", json=confirmed(secret))
    rows = db.session.execute(
        select(AuditEvent.event, AuditEvent.user_id).where(AuditEvent.event.startswith("2fa."))
    ).all()
    assert {row.user_id for row in rows} == {architect.id}
    assert sorted(row.event for row in rows) == [
        "2fa.begun",
        "2fa.disabled",
        "2fa.enabled",
        "2fa.failed",
        "2fa.recovery_codes_renewed",
        "2fa.refused",
    ]


def test_the_recovery_code_of_somebody_else_is_refused(client, recovery_codes):
    other = factories.user(
        totp_secret=sealing.seal(pyotp.random_base32()), totp_enabled_at=clock.now()
    )
    assert login(client, other.email, otp=recovery_codes[0]).status_code == 401
