"""What a run costs. Prices are USD for a million tokens, with the day they were looked up.

Source: Anthropic's price list, https://platform.claude.com/docs/en/about-claude/pricing, standard
tier, cache entries of five minutes; a batch costs half of that for tokens of every kind. Haiku 5.5
costs five times as much for prompts of more than 100,000 tokens; parts stay well below that
(`ClaudeExtractor.input_tokens`).
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from decisionlog.extraction.drafts import Usage

PRICES_OF = datetime.date(2026, 10, 24)
BATCH_SHARE = Decimal("0.5")
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    input: Decimal
    output: Decimal
    cache_write: Decimal
    cache_read: Decimal


def _price(input_: str, output: str, cache_write: str, cache_read: str) -> Price:
    return Price(Decimal(input_), Decimal(output), Decimal(cache_write), Decimal(cache_read))


PRICES = {
    "claude-fable-5-1": _price("10", "50", "12.50", "0.25"),
    "claude-opus-5-5": _price("4", "20", "5", "0.20"),
    "claude-opus-5": _price("5", "25", "6.25", "0.50"),
    "claude-opus-4-8": _price("5", "25", "6.25", "0.50"),
    "claude-sonnet-5-5": _price("2", "10", "2.50", "0.10"),
    "claude-sonnet-5": _price("2", "10", "2.50", "0.20"),
    "claude-sonnet-4-6": _price("3", "15", "3.75", "0.30"),
    "claude-haiku-5-5": _price("0.10", "0.50", "0.125", "0.01"),
    "claude-haiku-4-5": _price("1", "5", "1.25", "0.10"),
}


def cost_usd(usage: Usage, model: str | None, *, batch: bool = False) -> Decimal | None:
    """The price of `usage`, exact; 0 for no tokens, None for a model without a known price.

    With `batch`, what the Message Batches API takes for it.

    A dated name such as claude-haiku-4-5-20251001 costs what its undated name does.
    """
    if usage == Usage():
        return Decimal(0)
    price = PRICES.get(model or "") or PRICES.get(_undated(model or ""))
    if price is None:
        return None
    full = (
        usage.input * price.input
        + usage.output * price.output
        + usage.cache_write * price.cache_write
        + usage.cache_read * price.cache_read
    ) / _MILLION
    return full * BATCH_SHARE if batch else full


def _undated(model: str) -> str:
    name, _, day = model.rpartition("-")
    return name if len(day) == 8 and day.isdigit() else model
