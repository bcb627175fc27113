"""A Messages API that answers every meeting the same way, and fails at random before it does."""

import json
import random
import re
import threading
import time

from tests.unit.extraction.messages_api import MessagesApi, decision, is_comparison, message

SPOKEN = re.compile(r"^(\d+) [^:\n]+: (.*)$", re.MULTILINE)
SETTLED = "we settled on "


def speech(number: int) -> str:
    """A meeting of its own with three decisions."""
    lines = ["Good morning.", "Where were we?"]
    for item in ("frame", "stairs", "roof"):
        lines += [f"What about the {item}?", f"For the {item} {SETTLED}option {number}-{item}."]
    return "\n".join(
        f"[00:{second // 60:02d}:{second % 60:02d}] {'Ana' if second % 2 else 'Rui'}: {line}"
        for second, line in enumerate(lines)
    )


def find(request: dict) -> str:
    """The answer that a request deserves: a decision for every turn that settled something, and
    to a comparison, that nothing is against anything."""
    if is_comparison(request):
        return json.dumps({"pairs": []})
    decisions = [
        decision(words, int(turn), f"It is settled: {words}")
        for turn, words in SPOKEN.findall(request["messages"][0]["content"])
        if SETTLED in words
    ]
    return json.dumps({"decisions": decisions})


class FaultyClaude(MessagesApi):
    """`faults` is the share of answers that go wrong: 429, 529, a hang, or garbage."""

    def __init__(self, faults: float, seed: int, hang_seconds: float):
        super().__init__()
        self.faults = faults
        self.sent: dict[str, int] = {}
        self._hang_seconds = hang_seconds
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        # Killed workers hang up in the middle; that is the point.
        self._server.handle_error = lambda request, address: None

    def _answer(self, request):
        with self._lock:
            wrong = self._random.random() < self.faults
            fault = self._random.choice(("429", "529", "hang", "garbage", "cut")) if wrong else "ok"
            self.sent[fault] = self.sent.get(fault, 0) + 1
        if fault in ("429", "529"):
            error = {"type": "error", "error": {"type": "busy", "message": "no"}}
            return int(fault), {"retry-after": "0.1"}, json.dumps(error).encode()
        if fault == "hang":
            time.sleep(self._hang_seconds)
            return message(find(request))
        if fault == "garbage":
            return message('{"decisions": [{"stat')
        if fault == "cut":
            return 200, {}, b'{"id": "msg_1", "type": "mess'
        return message(find(request))
