"""What an earlier version stored must stay readable: these values were written by one."""

import pytest

from decisionlog.auth import passwords, sealing, totp


def test_a_sealed_secret(app):
    sealed = (
        "gAAAAABrBaC6pyCuOm4AoYEJlo7-JYGbMWfCQDuxhUZvewHMWRFumlFbDiRkFP-YlrTI0V-CGZWwPKco3Aob7Hns-0zj"
        "Hvoplg=="
    )
    assert sealing.unseal(sealed) == "a secret"


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        ("correct horse battery", "$2b$04$wy97gfhN1M0LP.qClUpr5.ql0MQMbku2cTbgYcF8s25XwLcvafTV2"),
        ("ö" * 40, "$2b$04$dqxbpaG5J/wS2zUYnkYGz.D/AuDBU28ENyyyN4eBsSb7y7eZXEZle"),
    ],
)
def test_the_hash_of_a_short_and_of_a_long_password(app, password, stored):
    assert passwords.check_password(password, stored)


def test_the_hash_of_a_recovery_code():
    assert (
        totp._hash_recovery_code("abcdef-ghijkl mnopqr-stuvwx")
        == "bfa1d0dfcedae314ea4f7b7b3153216e435372c9aa0c331aec04e3f0fb8bae12"
    )
