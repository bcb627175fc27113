"""Generated requests against every endpoint: no 5xx, no undocumented status, no wrong shape.

The suite runs a short form. The long one, 5,000 cases and more, signed in and anonymous:

    SCHEMATHESIS_EXAMPLES=150 pytest -m schemathesis -n auto
"""

import os
import warnings

import pytest
from hypothesis import HealthCheck, Phase, settings

with warnings.catch_warnings():
    # What the package brings along speaks of its own future, not of ours.
    warnings.simplefilter("ignore")
    import schemathesis

from decisionlog.http.openapi import document
from tests import factories
from tests.api_client import ApiClient
