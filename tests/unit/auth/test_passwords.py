"""What a password must be like, and how it is kept. Checklist 1 to 3."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from decisionlog.auth import passwords
from decisionlog.errors import Invalid

EMAIL = "ana.sa@example.com"


def is_accepted(password, **kwargs):
    try:
        passwords.check_policy(password, EMAIL, **kwargs)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    ("length", "second_factor", "accepted"),
    [(14, False, False), (15, False, True), (7, True, False), (8, True, True)],
)
def test_1_length_is_15_or_8_with_a_second_factor(app, length, second_factor, accepted):
    password = "qzvkxwjyfbhmgpd"[:length]
    assert is_accepted(password, second_factor=second_factor) is accepted


def test_1_a_longer_minimum_holds_a_second_factor_or_not(make_app):
    with make_app(PASSWORD_MIN_LENGTH=20).app_context():
        assert passwords.min_length(second_factor=False) == 20
        assert passwords.min_length(second_factor=True) == 8


@pytest.mark.parametrize(("length", "accepted"), [(256, True), (257, False)])
def test_2_at_most_256_characters(app, length, accepted):
    assert is_accepted(("qzvkxwjyfbhm" * 22)[: length - 1] + "!") is accepted


def test_2_sixty_four_characters_of_any_script_are_one_password(app):
    phrase = "ação é só café ☕ и чай 🫖 — 十分に長い合言葉、空白もある。 done, at last, and okay"
    assert len(phrase) >= 64
    assert is_accepted(phrase)
    assert passwords.check_password(phrase, passwords.hash_password(phrase))
    assert not passwords.check_password(phrase[:-1], passwords.hash_password(phrase))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=256))
def test_2_whatever_is_typed_fits_bcrypt_whole(password):
    prepared = passwords._prepare(password)
    assert len(prepared) <= passwords.BCRYPT_LIMIT
    assert prepared != passwords._prepare(password + "x")


def test_2_seventy_two_bytes_are_taken_as_they_are_and_one_more_is_reduced():
    assert passwords._prepare("x" * 72) == b"x" * 72
    assert len(passwords._prepare("x" * 73)) == 44


def test_3_a_lower_case_phrase_is_accepted(app):
    assert is_accepted("correct horse battery staple")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password Password",
        "123456789012345678901234567890",
        "qwertyuiopqwertyuiop",
        "decisionlogdecisionlog",
        "Decision Log 2026 !!",
        "ana.sa@example.com",
        "ANA.SA@EXAMPLE.COM",
        "ana.sa 1234567890",
    ],
)
def test_3_common_words_and_names_are_refused_however_they_are_stretched(app, password):
    assert not is_accepted(password)


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("a" * 15, False),
        ("121212121212121", False),
        ("kq3 kq3 kq3 kq3 kq3", False),
        ("kq3vn8rkq3vn8rkq3", False),
        ("kq3vn8r1kq3vn8r1", True),
    ],
)
def test_3_fewer_than_eight_characters_over_and_over_are_refused(app, password, accepted):
    assert is_accepted(password) is accepted


@pytest.mark.parametrize(("password", "accepted"), [("kq3vkq3v", False), ("kq3v8kq3v", True)])
def test_3_an_ending_like_the_beginning_is_no_repetition(app, password, accepted):
    assert is_accepted(password, second_factor=True) is accepted


def test_3_the_ten_thousand_commonest_are_refused_with_a_second_factor_too(app):
    commonest = FREQUENCY_LISTS["passwords"][:10_000]
    assert len(commonest) == 10_000
    assert not any(is_accepted(word, second_factor=True) for word in commonest)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "must have 15 characters or more"),
        ("x" * 257, "must have 256 characters or fewer"),
        ("passwordpassword", "is one of the passwords that are guessed first"),
        ("x" * 15, "repeats a few characters"),
        ("DecisionLog 2026!", "must not be the product's name or your e-mail address"),
    ],
)
def test_the_fault_is_named_and_blamed_on_the_field_that_is_given(app, password, fault):
    with pytest.raises(Invalid) as refusal:
        passwords.check_policy(password, EMAIL, field="new_password")
    assert refusal.value.errors == [{"field": "new_password", "message": fault}]


def test_nobody_s_hash_is_a_real_one_of_todays_cost(app):
    assert not passwords.check_password("anything", None)
    nobody = passwords.NOBODY.format(rounds=12).encode()
    assert bcrypt.checkpw(b"anything", nobody) is False


def test_a_hash_of_another_cost_is_outdated(app):
    assert not passwords.is_outdated(passwords.hash_password("x"))
    assert passwords.is_outdated(bcrypt.hashpw(b"x", bcrypt.gensalt(5)).decode())


def test_1_a_password_stands_alone_unless_it_is_said_otherwise(app):
    assert not is_accepted("qzvkxwjyfbhmgp")


def test_no_more_passwords_are_checked_at_once_than_there_are_cores(app, monkeypatch):
    cores, running, most = os.cpu_count(), [], []

    def slow(password, hashed):
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        return False

    monkeypatch.setattr(bcrypt, "checkpw", slow)

    def check():
        with app.app_context():
            passwords.check_password("anything", None)

    with ThreadPoolExecutor(4 * cores) as pool:
        for done in [pool.submit(check) for _ in range(4 * cores)]:
            done.result()
    assert len(most) == 4 * cores
    assert max(most) <= cores
