"""A server on loopback that speaks as much of Anthropic's Messages API as an extractor meets."""

import json
import threading
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, dict[str, str], bytes]


class MessagesApi:
    """Replies come in the order in which they were scripted; after the last, `otherwise` answers.

    `requests` holds the JSON bodies that came in, and comparisons are answered by `compares`.
    A hang lasts until the test ends.
    """

    def __init__(self):
        self.requests: list[dict] = []
        self.otherwise: Callable[[dict], str] = lambda request: '{"decisions": []}'
        self.compares: Callable[[dict], str] = lambda request: '{"pairs": []}'
        self._script: deque[Reply | None] = deque()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def says(self, text: str, stop_reason: str = "end_turn") -> None:
        self._script.append(message(text, stop_reason))

    def decides(self, *decisions: dict) -> None:
        self.says(json.dumps({"decisions": decisions}))

    def fails(self, status: int, **headers: str) -> None:
        error = {"type": "error", "error": {"type": "error", "message": "no"}}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._script.append((status, named, json.dumps(error).encode()))

    def sends(self, body: bytes, content_type: str = "application/json") -> None:
        self._script.append((200, {"content-type": content_type}, body))

    def hangs(self) -> None:
        self._script.append(None)

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _route(self, method: str, path: str, body: dict) -> Reply | None:
        assert (method, path) == ("POST", "/v1/messages")
        return self._answer(body)

    def _answer(self, request: dict) -> Reply | None:
        self.requests.append(request)
        if self._script:
            return self._script.popleft()
        return message((self.compares if is_comparison(request) else self.otherwise)(request))

    def _handler(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"] or 0))
                self.answer(json.loads(body or "{}"))

            def do_GET(self):
                self.answer({})

            def answer(self, body):
                reply = api._route(self.command, self.path, body)
                if reply is None:
                    api._over.wait()
                    return
                status, headers, content = reply
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        return Handler


def is_comparison(request: dict) -> bool:
    """Whether it asks about pairs of decisions, not about a transcript."""
    return request["messages"][0]["content"].startswith("<decisions-")


def message(text: str, stop_reason: str = "end_turn") -> Reply:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": text},
        ],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 1000,
            "output_tokens": 100,
            "cache_read_input_tokens": 2000,
            "cache_creation_input_tokens": 0,
        },
    }
    return 200, {"request-id": "req_1"}, json.dumps(body).encode()


def decision(quote: str, turn: int, statement: str = "A thing is settled.", **fields) -> dict:
    """A decision in the form of the answer's schema."""
    return {
        "quotes": [{"turn": turn, "text": quote}],
        "statement": statement,
        "why": "",
        "discipline": "general",
        "causation": "other",
        "impacts": [],
        "consensus": [],
        "review_on": None,
        **fields,
    }
