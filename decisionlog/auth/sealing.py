"""Encryption at rest of small secrets, under TOTP_ENCRYPTION_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class Unreadable(Exception):
    """Sealed under a key that is no longer configured, or not by us."""


def seal(secret: str) -> str:
    """The secret, encrypted and authenticated under the first key."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given, under any of the keys. Raises Unreadable."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def is_readable(sealed: str) -> bool:
    """Whether one of the keys is the one that it was sealed under."""
    try:
        unseal(sealed)
    except Unreadable:
        return False
    return True


def _fernet() -> MultiFernet:
    return MultiFernet([_key(text) for text in current_app.config["TOTP_ENCRYPTION_KEY"]])


def _key(text: str) -> Fernet:
    # The settings hold text of any length; Fernet wants 32 bytes.
    derivation = HKDF(SHA256(), 32, salt=None, info=b"decisionlog second factor")
    return Fernet(base64.urlsafe_b64encode(derivation.derive(text.encode())))
