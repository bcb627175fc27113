"""The borders of a signature's age, and secrets in Standard Webhooks' own form."""

import base64

import pytest
from standardwebhooks import Webhook

from decisionlog import clock
from decisionlog.webhook import proofs

SECRET = "a secret that is only ever used in tests"
BODY = b'{"a": 1}'


@pytest.mark.parametrize(("age", "good"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_signature_is_good_for_exactly_its_tolerance(age, good):
    now = clock.now().replace(microsecond=0)
    signed_at = str(int(now.timestamp()) - age)
    headers = {
        proofs.TIMESTAMP: signed_at,
        proofs.SIGNATURE: proofs.sign(SECRET, BODY, signed_at),
    }
    assert proofs.is_signed([SECRET], headers, BODY, now, 300) is good


@pytest.mark.parametrize(("digits", "good"), [(12, True), (13, False)])
def test_a_time_has_twelve_digits_at_most(digits, good):
    now = clock.now()
    signed_at = str(int(now.timestamp())).zfill(digits)
    headers = {
        proofs.TIMESTAMP: signed_at,
        proofs.SIGNATURE: proofs.sign(SECRET, BODY, signed_at),
    }
    assert proofs.is_signed([SECRET], headers, BODY, now, 300) is good


def test_the_signature_is_of_the_time_a_dot_and_the_body():
    # From: printf '1700000000.{"a": 1}' | openssl dgst -sha256 -hmac secret
    assert (
        proofs.sign("secret", BODY, "1700000000")
        == "sha256=942c6f7e34ef5c448cbbbf79276da392036d59f0bd9fb74ba14eb8e83e2bb6cd"
    )


@pytest.mark.parametrize("body", [BODY, b"not JSON"])
def test_a_secret_with_the_prefix_of_standard_webhooks_is_read_as_base64(body):
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
    signed_at = clock.now()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", signed_at, body.decode()),
    }
    assert proofs.is_standard([secret], headers, body)
