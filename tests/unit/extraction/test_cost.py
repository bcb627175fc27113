from decimal import Decimal

import pytest

from decisionlog.extraction.claude import DEFAULT_MODEL
from decisionlog.extraction.cost import PRICES, cost_usd
from decisionlog.extraction.drafts import Usage

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage(input=MILLION), "2"),
        (Usage(output=MILLION), "10"),
        (Usage(cache_write=MILLION), "2.50"),
        (Usage(cache_read=MILLION), "0.10"),
        (Usage(input=12_345, output=678, cache_read=1_300, cache_write=1), "0.0316025"),
    ],
)
def test_each_kind_of_token_has_its_price_to_the_last_digit(usage, dollars):
    assert cost_usd(usage, "claude-sonnet-5-5") == Decimal(dollars)


def test_a_batch_costs_half_whatever_the_kind_of_token():
    usage = Usage(input=12_345, output=678, cache_read=1_300, cache_write=1)
    assert cost_usd(usage, "claude-sonnet-5-5", batch=True) == Decimal("0.01580125")
    assert cost_usd(usage, "claude-unheard-of", batch=True) is None


def test_no_tokens_cost_nothing_whatever_the_model():
    assert cost_usd(Usage(), None) == cost_usd(Usage(), "offline-weights-1") == 0


def test_an_unknown_price_is_not_a_price_of_zero():
    assert cost_usd(Usage(1), "claude-unheard-of") is None
    assert cost_usd(Usage(1), None) is None


def test_a_dated_model_costs_what_its_name_without_the_date_does():
    usage = Usage(100, 100)
    assert cost_usd(usage, "claude-haiku-4-5-20251001") == cost_usd(usage, "claude-haiku-4-5")


def test_the_default_model_has_a_price():
    assert DEFAULT_MODEL in PRICES
