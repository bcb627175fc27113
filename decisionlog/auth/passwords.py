"""Hashing and checking of passwords, and what a new one must be like."""

import base64
import hashlib
import hmac
import os
import string
import threading
import unicodedata
from functools import cache

import bcrypt
from flask import current_app

from decisionlog.errors import Invalid

BCRYPT_LIMIT = 72
MIN_LENGTH_WITH_SECOND_FACTOR = 8
MAX_LENGTH = 256
PRODUCT = "decisionlog"
# Keeps the reduced form of a long password apart from every other use of HMAC-SHA-256.
REDUCTION_KEY = b"decisionlog password reduction"
# bcrypt lets go of the interpreter and takes a core to itself. More at once than there are cores
# would make no login faster, and every other request of this process wait for its turn.
TURNS = threading.BoundedSemaphore(os.cpu_count() or 1)
# A well-formed bcrypt hash of nothing in particular: a check against it costs the same.
NOBODY = "$2b${rounds:02d}$abcdefghijklmnopqrstuuDmLxmDhZ1sMbkVd0jsbNwGJpHyFLnCq"


def hash_password(password: str) -> str:
    """The bcrypt hash of a password of any length."""
    salt = bcrypt.gensalt(current_app.config["BCRYPT_ROUNDS"])
    with TURNS:
        return bcrypt.hashpw(_prepare(password), salt).decode()


def check_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one behind the hash; always exactly one bcrypt check.

    Give None where there is no such user: the answer is False, after the same time.
    """
    nobody = NOBODY.format(rounds=current_app.config["BCRYPT_ROUNDS"])
    with TURNS:
        matches = bcrypt.checkpw(_prepare(password), (password_hash or nobody).encode())
    return matches and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with another cost than today's."""
    return int(password_hash.split("$")[2]) != current_app.config["BCRYPT_ROUNDS"]


def check_policy(
    password: str, email: str, *, second_factor: bool = False, field: str = "password"
) -> None:
    """Raises Invalid, blaming `field`, for a password that no account may have.

    After NIST SP 800-63B-4, 3.1.1.2: length and a blocklist, no rules of composition, no expiry.
    """
    least = min_length(second_factor)
    if len(password) < least:
        raise Invalid.field(field, f"must have {least} characters or more")
    if len(password) > MAX_LENGTH:
        raise Invalid.field(field, f"must have {MAX_LENGTH} characters or fewer")
    plain = "".join(password.casefold().split())
    word = _without_repetition(plain)
    if word in _common() or plain in _common():
        raise Invalid.field(field, "is one of the passwords that are guessed first")
    if word != plain and len(word) < MIN_LENGTH_WITH_SECOND_FACTOR:
        raise Invalid.field(field, "repeats a few characters")
    names = {PRODUCT, email.casefold(), email.split("@")[0].casefold()}
    if word in names or _without_ending(word) in names:
        raise Invalid.field(field, "must not be the product's name or your e-mail address")


def min_length(second_factor: bool) -> int:
    """Characters that a password needs: fewer where it does not stand alone."""
    least = current_app.config["PASSWORD_MIN_LENGTH"]
    return min(least, MIN_LENGTH_WITH_SECOND_FACTOR) if second_factor else least


@cache
def _common() -> frozenset[str]:
    """The 30,000 that leaks hold most often, from the package's own counts of them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _without_repetition(text: str) -> str:
    """`abcabcabca` as `abc`: repeating a word does not make it another word."""
    for period in range(1, len(text) // 2 + 1):
        if text.startswith(text[period:]):
            return text[:period]
    return text


def _without_ending(text: str) -> str:
    """`decisionlog2026!` as `decisionlog`."""
    return text.rstrip(string.digits + string.punctuation)


def _prepare(password: str) -> bytes:
    """The bytes that bcrypt sees. It refuses more than 72, and cutting would make passwords with
    one beginning interchangeable, so longer ones are reduced to 44."""
    raw = unicodedata.normalize("NFKC", password).encode()
    if len(raw) <= BCRYPT_LIMIT:
        return raw
    return base64.b64encode(hmac.digest(REDUCTION_KEY, raw, hashlib.sha256))
