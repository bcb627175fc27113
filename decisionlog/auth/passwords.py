"""Hashing and checking of passwords, and what a new one must be like."""

import base64
import hashlib
import hmac
import unicodedata

import bcrypt
from flask import current_app

from decisionlog.errors import Invalid

BCRYPT_LIMIT = 72
MIN_LENGTH = 15
MAX_LENGTH = 256
# Keeps the reduced form of a long password apart from every other use of HMAC-SHA-256.
REDUCTION_KEY = b"decisionlog password reduction"
# A well-formed bcrypt hash of nothing in particular: a check against it costs the same.
NOBODY = "$2b${rounds:02d}$abcdefghijklmnopqrstuuDmLxmDhZ1sMbkVd0jsbNwGJpHyFLnCq"


def hash_password(password: str) -> str:
    """The bcrypt hash of a password of any length."""
    salt = bcrypt.gensalt(current_app.config["BCRYPT_ROUNDS"])
    return bcrypt.hashpw(_prepare(password), salt).decode()


def check_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one behind the hash; always exactly one bcrypt check.

    Give None where there is no such user: the answer is False, after the same time.
    """
    nobody = NOBODY.format(rounds=current_app.config["BCRYPT_ROUNDS"])
    matches = bcrypt.checkpw(_prepare(password), (password_hash or nobody).encode())
    return matches and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with another cost than today's."""
    return int(password_hash.split("$")[2]) != current_app.config["BCRYPT_ROUNDS"]


def check_policy(password: str, email: str) -> None:
    """Raises Invalid for a password that no account may have (NIST SP 800-63B-4, 3.1.1.2)."""
    if len(password) < MIN_LENGTH:
        raise Invalid.field("password", f"must have {MIN_LENGTH} characters or more")
    if len(password) > MAX_LENGTH:
        raise Invalid.field("password", f"must have {MAX_LENGTH} characters or fewer")
    known = {"decisionlog", email.casefold(), email.split("@")[0].casefold()}
    if _without_repetition(password.casefold()) in known:
        raise Invalid.field("password", "must not be the product's name or your e-mail address")


def _without_repetition(text: str) -> str:
    """`abcabcabc` as `abc`: repeating a word does not make it another word."""
    period = (text + text).find(text, 1)
    return text[:period]


def _prepare(password: str) -> bytes:
    """The bytes that bcrypt sees. It refuses more than 72, and cutting would make passwords with
    one beginning interchangeable, so longer ones are reduced to 44."""
    raw = unicodedata.normalize("NFKC", password).encode()
    if len(raw) <= BCRYPT_LIMIT:
        return raw
    return base64.b64encode(hmac.digest(REDUCTION_KEY, raw, hashlib.sha256))
