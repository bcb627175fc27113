"""A Sentry on loopback for the tests, which keeps the envelopes that it gets."""

import contextlib
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import sentry_sdk


class Sentry:
    """`envelopes` holds what came in, as text; `dsn` leads to it."""

    def __init__(self, port: int):
        self.envelopes: list[str] = []
        self.dsn = f"http://0123456789abcdef@127.0.0.1:{port}/7"

    def events(self) -> list[dict]:
        """https://develop.sentry.dev/sdk/data-model/envelopes/: a header, then pairs of lines."""
        found = []
        for envelope in self.envelopes:
            _, *items = (json.loads(line) for line in envelope.splitlines() if line)
            assert [header["type"] for header in items[::2]] == ["event"]
            found += items[1::2]
        return found


def _handler(sentry: Sentry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.path == "/api/7/envelope/"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers["Content-Encoding"] == "gzip"
            sentry.envelopes.append((gzip.decompress(body) if zipped else body).decode())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            pass

    return Handler


def end_reporting() -> None:
    """What an app made with SENTRY_DSN began lasts as long as the process, otherwise."""
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@contextlib.contextmanager
def serving():
    """A Sentry, while it is open."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), None)
    sentry = Sentry(server.server_port)
    server.RequestHandlerClass = _handler(sentry)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield sentry
    finally:
        end_reporting()
        server.shutdown()
        thread.join()
        server.server_close()
