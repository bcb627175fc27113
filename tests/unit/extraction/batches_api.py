"""A server on loopback that speaks Anthropic's Message Batches API beside the Messages API.

Shapes and rules are those of the public reference (https://platform.claude.com/docs/en/api):
`custom_id` is unique and has 64 letters, digits, `-` and `_` at most, a batch has no `results_url`
before it has ended, results come in any order, and an unknown batch answers 404.
"""

import json
import re
import threading
from collections import defaultdict, deque

from tests.unit.extraction.messages_api import MessagesApi, Reply, message

KINDS = ("succeeded", "errored", "canceled", "expired")
EXPIRED = {"type": "expired"}
CANCELED = {"type": "canceled"}
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PATH = re.compile(r"/v1/messages/batches(?:/(?P<id>\w+)(?:/(?P<what>results|cancel))?)?")


def succeeded(text: str, stop_reason: str = "end_turn") -> dict:
    return {"type": "succeeded", "message": json.loads(message(text, stop_reason)[2])}


def errored(kind: str) -> dict:
    error = {"type": "error", "request_id": "req_1", "error": {"type": kind, "message": "no"}}
    return {"type": "errored", "error": error}


class BatchesApi(MessagesApi):
    """A batch ends as soon as it is looked at, unless `holds`; then `end` ends it.

    `answers` are the results of the next requests, in order of their sending; after the last, each
    succeeds with what `otherwise` says. `faults["retrieve"]` and so on are replies to give first.
    `batches` holds the requests of every batch by its id, `calls` what was asked of which. With
    `swallows`, a batch is made and its maker never hears of it.
    """

    def __init__(self):
        self.batches: dict[str, list[dict]] = {}
        self.calls: list[str] = []
        self.answers: deque[dict] = deque()
        self.faults: dict[str, deque] = defaultdict(deque)
        self.holds = False
        self.swallows = False
        self._canceling: set[str] = set()
        self._results: dict[str, list[dict]] = {}
        self._lock = threading.Lock()
        super().__init__()

    @property
    def last_id(self) -> str:
        return list(self.batches)[-1]

    def breaks(self, what: str, status: int, **headers: str) -> None:
        error = {"type": "error", "error": {"type": "error", "message": "no"}}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults[what].append((status, named, json.dumps(error).encode()))

    def end(self, batch_id: str | None = None) -> None:
        """End a batch, by default the newest; one that was cancelled has answered nothing."""
        batch_id = batch_id or self.last_id
        canceled = batch_id in self._canceling
        results = [
            {
                "custom_id": request["custom_id"],
                "result": CANCELED if canceled else self._result(request["params"]),
            }
            for request in self.batches[batch_id]
        ]
        # Nobody promises an order.
        self._results[batch_id] = results[::-1]

    def _result(self, params: dict) -> dict:
        return self.answers.popleft() if self.answers else succeeded(self.otherwise(params))

    def _route(self, method: str, path: str, body: dict) -> Reply | None:
        found = PATH.fullmatch(path)
        if found is None:
            return super()._route(method, path, body)
        batch_id, what = found["id"], found["what"]
        verb = what or ("retrieve" if batch_id else "create")
        assert method == ("POST" if verb in ("create", "cancel") else "GET"), (method, path)
        with self._lock:
            self.calls.append(verb if batch_id is None else f"{verb} {batch_id}")
            if self.faults[verb]:
                return self.faults[verb].popleft()
            if verb == "create":
                return self._create(body)
            if batch_id not in self.batches:
                return _refused(404, "not_found_error")
            if verb == "cancel":
                return self._cancel(batch_id)
            if verb == "results":
                lines = [json.dumps(line) for line in self._results[batch_id]]
                return 200, {"content-type": "application/x-jsonl"}, "\n".join(lines).encode()
            if not self.holds and batch_id not in self._results:
                self.end(batch_id)
            return self._shown(batch_id)

    def _create(self, body: dict) -> Reply | None:
        requests = body["requests"]
        names = [request["custom_id"] for request in requests]
        sound = all(CUSTOM_ID.fullmatch(name) for name in names)
        whole = all({"model", "max_tokens", "messages"} <= set(r["params"]) for r in requests)
        if not (requests and sound and whole and len(set(names)) == len(names)):
            return _refused(400, "invalid_request_error")
        batch_id = f"msgbatch_{len(self.batches) + 1:03}"
        self.batches[batch_id] = requests
        return None if self.swallows else self._shown(batch_id)

    def _cancel(self, batch_id: str) -> Reply:
        if batch_id in self._results:
            return _refused(400, "invalid_request_error")
        self._canceling.add(batch_id)
        return self._shown(batch_id)

    def _shown(self, batch_id: str) -> Reply:
        results = self._results.get(batch_id)
        kinds = [line["result"]["type"] for line in results or ()]
        waiting = 0 if results else len(self.batches[batch_id])
        counts = {kind: kinds.count(kind) for kind in KINDS}
        under_way = "canceling" if batch_id in self._canceling else "in_progress"
        batch = {
            "id": batch_id,
            "type": "message_batch",
            "processing_status": "ended" if results else under_way,
            "request_counts": counts | {"processing": waiting},
            "created_at": "2026-11-24T15:00:00Z",
            "expires_at": "2026-11-25T15:00:00Z",
            "ended_at": "2026-11-24T15:20:00Z" if results else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": results and f"{self.url}/v1/messages/batches/{batch_id}/results",
        }
        return 200, {}, json.dumps(batch).encode()


def _refused(status: int, kind: str) -> Reply:
    error = {"type": "error", "error": {"type": kind, "message": "no"}}
    return status, {}, json.dumps(error).encode()
