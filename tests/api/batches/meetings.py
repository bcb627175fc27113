"""What the tests of batches say of a meeting and of its price."""

import json
from datetime import datetime

from decisionlog.extraction.cost import cost_usd
from decisionlog.extraction.drafts import Usage

MODEL = "claude-sonnet-5-5"
ONE_ANSWER = Usage(input=1000, output=100, cache_read=2000)
NOTHING_WAITED_FOR = (None, None)


def found(*decisions) -> str:
    return json.dumps({"decisions": decisions})


def price(*, in_batches=0, directly=0) -> float:
    half, full = (cost_usd(ONE_ANSWER, MODEL, batch=batch) for batch in (True, False))
    return float(in_batches * half + directly * full)


def moment(text):
    return datetime.fromisoformat(text)


def waited_for(transcript):
    return transcript["batch_sent_at"], transcript["batch_ids"]
