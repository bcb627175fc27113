"""Generated requests against every endpoint: no 5xx, no undocumented status, no wrong shape.

The suite runs a short form. The long one, 5,000 cases and more, signed in and anonymous:

    SCHEMATHESIS_EXAMPLES=40 pytest -m schemathesis -n auto
"""

import copy
import os
import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from decisionlog.http.openapi import document
from tests import factories
from tests.api_client import ApiClient
from tests.security.test_access_matrix import MATRIX

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "3"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# All checks are on. What a JSON schema can't say (a transcript that nobody could read, a cursor
# that we did not make, a code that is wrong) may be refused although it fits the schema.
REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}}}
)
pytestmark = pytest.mark.schemathesis


@pytest.fixture
def app_settings():
    """Limits are not what is tested here."""
    limits = ("DEFAULT", "LOGIN", "LOGIN_ACCOUNT", "LOGIN_GLOBAL", "OTP", "WEBHOOK")
    return {f"RATELIMIT_{name}": "1000000 per minute" for name in limits}


@pytest.fixture(scope="module")
def read_schema():
    """The document as schemathesis reads it, which takes longer than a test does: once each."""
    read = {}

    def of(app, signed_in):
        if signed_in not in read:
            with app.test_request_context():
                described = copy.deepcopy(document())
            if signed_in:
                _take_security_away(described)
            read[signed_in] = schemathesis.openapi.from_dict(described, config=CONFIG)
        read[signed_in].app = app
        return read[signed_in]

    return of


def _take_security_away(described):
    """Where a check brings its own token, one that is missing would be nothing wrong."""
    for path in described["paths"].values():
        for operation in path.values():
            operation.pop("security", None)


@pytest.fixture
def known(app):
    """Ids that lead to something, by the names of the path's parameters."""
    project = factories.project()
    return {
        "project_id": project.id,
        "decision_id": factories.decision(project).id,
        "transcript_id": factories.transcript(project).id,
        "user_id": factories.user().id,
    }


def endpoints_and_modes():
    return [(endpoint, mode) for endpoint in MATRIX for mode in GenerationMode]


@pytest.fixture
def every_case(app, read_schema, record_property):
    """Runs a check on generated requests: right ones, or ones with something wrong in them.

    How many there were is added up at the end of the run.
    """
    cases = 0

    def run(endpoint, mode, check, signed_in=False):
        def counted(case):
            nonlocal cases
            assume(not _holds_an_empty_list(case))
            assume(not _is_padded(case))
            cases += 1
            check(case)

        method, path = endpoint.split(" ")
        strategy = read_schema(app, signed_in)[path][method].as_strategy(generation_mode=mode)
        try:
            SETTINGS(given(strategy)(counted))()
        except Unsatisfiable:
            pytest.skip("nothing in this request can be wrong")

    yield run
    record_property("generated_cases", cases)


@pytest.mark.parametrize(("endpoint", "mode"), endpoints_and_modes())
def test_an_anonymous_caller_gets_only_what_is_documented(every_case, endpoint, mode):
    def check(case):
        case.call_and_validate()

    every_case(endpoint, mode, check)


@pytest.mark.parametrize(("endpoint", "mode"), endpoints_and_modes())
def test_a_director_gets_only_what_is_documented(app, every_case, known, director, endpoint, mode):
    def check(case):
        for name, value in (case.path_parameters or {}).items():
            if name in known and _is_uuid(value):
                case.path_parameters[name] = str(known[name])
        # Anew for each case: some of them sign out.
        case.call_and_validate(headers=ApiClient(app).signed_in(director).headers)

    every_case(endpoint, mode, check, signed_in=True)


def _holds_an_empty_list(case):
    """Whether the query has `status=`: an empty list, and not one of an empty word."""
    lists = (value for value in (case.query or {}).values() if isinstance(value, list))
    return any(not "".join(str(item) for item in items).strip(" ,") for items in lists)


def _is_padded(case):
    """Whether a text of the body begins or ends with white space, which no length counts."""
    body = case.body if isinstance(case.body, dict) else {}
    return any(isinstance(text, str) and text != text.strip() for text in body.values())


def _is_uuid(value):
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False
