import itertools

import pytest

from decisionlog.decisions import lifecycle
from decisionlog.errors import Conflict
from decisionlog.vocabulary import DecisionStatus

ALLOWED = {
    ("proposed", "approved"),
    ("proposed", "rejected"),
    ("approved", "proposed"),
    ("approved", "rejected"),
    ("rejected", "proposed"),
    ("rejected", "approved"),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(DecisionStatus, repeat=2)))
def test_only_the_moves_of_the_table_are_allowed(before, after):
    if before == after or (before, after) in ALLOWED:
        lifecycle.check_review(before, after)
    else:
        with pytest.raises(Conflict):
            lifecycle.check_review(before, after)
