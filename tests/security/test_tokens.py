"""Checklist 18 to 23: tokens under attack."""

import hashlib
import hmac
import json
import uuid
from datetime import timedelta

import jwt
import pytest
from jwt.utils import base64url_encode

from decisionlog import clock
from decisionlog.extensions import db
from tests import factories
from tests.api.test_auth import login, refresh
from tests.api_client import ApiClient
from tests.conftest import SETTINGS
from tests.problems import assert_problem

KEY = SETTINGS["JWT_SECRET_KEY"]


@pytest.fixture
def pair(client, architect):
    return login(client, architect.email).get_json()


def claims_of(token):
    return jwt.decode(token, KEY, algorithms=["HS256"])


def forged(token, key=KEY, algorithm="HS256", headers=None, without=(), **changes):
    """The token's claims, changed and signed anew."""
    kid = jwt.get_unverified_header(token)["kid"]
    claims = {name: value for name, value in claims_of(token).items() if name not in without}
    return jwt.encode(
        claims | changes, key, algorithm=algorithm, headers={"kid": kid} | (headers or {})
    )


def tampered(token, **changes):
    """Other claims under the old signature."""
    head, _, signature = token.split(".")
    body = jwt.encode(claims_of(token) | changes, "x" * 32, algorithm="HS256").split(".")[1]
    return ".".join((head, body, signature))


def signed_by_hand(token, header):
    """The token's claims under a header that lies about how they were signed."""
    body = token.split(".")[1]
    signed = f"{base64url_encode(json.dumps(header).encode()).decode()}.{body}"
    signature = hmac.digest(KEY.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64url_encode(signature).decode()}"


def unix(**delta):
    return int((clock.now() + timedelta(**delta)).timestamp())


ATTACKS = {
    "alg none": lambda t: forged(t, key=None, algorithm="none"),
    "another hmac": lambda t: forged(t, algorithm="HS512"),
    "rs256 in the header": lambda t: signed_by_hand(t, {"alg": "RS256", "typ": "JWT"}),
    "a wrong key": lambda t: forged(t, key="a key that an attacker has made up, long"),
    "a key id that is no text": lambda t: signed_by_hand(t, {"alg": "HS256", "kid": ["x"]}),
    "expired a second ago": lambda t: forged(t, exp=unix(seconds=-1)),
    "not yet valid": lambda t: forged(t, nbf=unix(minutes=5)),
    "issued in the future": lambda t: forged(t, iat=unix(minutes=5)),
    "no expiry": lambda t: forged(t, without=("exp",)),
    "no id": lambda t: forged(t, without=("jti",)),
    "no subject": lambda t: forged(t, without=("sub",)),
    "no session": lambda t: forged(t, without=("sid",)),
    "no issue time": lambda t: forged(t, without=("iat",)),
    "another type": lambda t: forged(t, type="admin"),
    "a subject that is no id": lambda t: forged(t, sub="1 OR 1=1"),
    "an unknown subject": lambda t: forged(t, sub=str(uuid.uuid4())),
    "a tampered subject": lambda t: tampered(t, sub=str(uuid.uuid4())),
    "a tampered session": lambda t: tampered(t, sid=str(uuid.uuid4())),
    "no signature": lambda t: t.rsplit(".", 1)[0] + ".",
    "not a token": lambda t: "abc",
    "nothing": lambda t: "",
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("attack", ATTACKS)
def test_22_a_token_that_is_not_good_gets_one_answer(client, pair, attack):
    answer = client.with_token(ATTACKS[attack](pair["access_token"])).get("/auth/me")
    assert_problem(answer, 401, "authentication_failed")
    missing = client.get("/auth/me").get_json()
    assert answer.get_json() | {"request_id": 0} == missing | {"request_id": 0}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_22_an_app_made_anew_refuses_every_one_of_them(make_app, architect):
    client = ApiClient(make_app())
    token = login(client, architect.email).get_json()["access_token"]
    for attack in ATTACKS.values():
        answer = client.with_token(attack(token)).get("/auth/me")
        assert_problem(answer, 401, "authentication_failed")


def test_22_algorithm_and_place_of_a_token_are_not_left_to_the_library(make_app):
    app = make_app()
    assert app.config["JWT_ALGORITHM"] == "HS256"
    assert app.config["JWT_DECODE_ALGORITHMS"] == ["HS256"]
    assert app.config["JWT_TOKEN_LOCATION"] == ["headers"]


@pytest.mark.parametrize("kid", ["", "of no key"])
def test_22_a_key_id_only_chooses_among_our_keys(client, pair, kid):
    token = forged(pair["access_token"], headers={"kid": kid})
    assert client.with_token(token).get("/auth/me").status_code == 200


def test_22_a_refresh_token_is_no_access_token_and_the_reverse(client, pair):
    as_access = client.with_token(pair["refresh_token"]).get("/auth/me")
    assert_problem(as_access, 401, "authentication_failed")
    assert_problem(refresh(client, pair["access_token"]), 401, "authentication_failed")


def test_22_the_body_of_the_checks_is_right_in_that_the_unforged_token_is_good(client, pair):
    assert client.with_token(forged(pair["access_token"])).get("/auth/me").status_code == 200


def test_18_after_logout_every_protected_route_answers_401(client, app, pair):
    signed_in = client.with_token(pair["access_token"])
    signed_in.post("/auth/logout")
    for rule in app.url_map.iter_rules():
        if rule.rule in ("/auth/me", "/auth/sessions", "/projects", "/users", "/audit"):
            assert_problem(signed_in.get(rule.rule), 401, "token_revoked")


def test_19_a_stolen_refresh_token_after_rotation_brings_both_down(client, pair):
    owner = refresh(client, refresh(client, pair["refresh_token"]).get_json()["refresh_token"])
    thief = refresh(client, pair["refresh_token"])
    assert_problem(thief, 401, "authentication_failed")
    newest = owner.get_json()
    assert client.with_token(newest["access_token"]).get("/auth/me").status_code == 401
    assert refresh(client, newest["refresh_token"]).status_code == 401


@pytest.mark.parametrize("change", [{"deleted_at": clock.now()}, {"role": "client"}])
def test_21_a_closed_or_demoted_director_directs_nothing_from_the_next_request(
    client, director, as_director, change
):
    factories.user(role="director")
    assert as_director.get("/audit").status_code == 200
    for name, value in change.items():
        setattr(director, name, value)
    db.session.commit()
    assert as_director.get("/audit").status_code in (401, 403)


def test_33_a_token_in_the_query_string_or_a_cookie_is_not_accepted(client, pair):
    token = pair["access_token"]
    assert client.get(f"/auth/me?jwt={token}").status_code == 401
    client.http.set_cookie("access_token_cookie", token)
    assert client.get("/auth/me").status_code == 401


def test_23_two_keys_verify_and_the_first_signs(make_app, pair, architect):
    new = "a signing key that comes after the first one"
    rotated = ApiClient(make_app(JWT_SECRET_KEY=f"{new},{KEY}"))
    assert rotated.with_token(pair["access_token"]).get("/auth/me").status_code == 200
    issued = login(rotated, architect.email, address="10.0.0.9").get_json()["access_token"]
    assert jwt.decode(issued, new, algorithms=["HS256"])["sub"] == str(architect.id)
