"""A small closed-loop load driver: each connection asks again as soon as it has its answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECT_PATIENCE = 30.0


@dataclass
class Load:
    """What came of it. `latencies` are seconds; `resent` counts requests on a kept connection that
    the server closed before it read them, which RFC 9112 section 9.3.1 lets a client send again."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    failures: Counter = field(default_factory=Counter)
    resent: int = 0

    @property
    def rps(self) -> float:
        return len(self.latencies) / self.seconds

    def milliseconds(self, quantile: float) -> float:
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(quantile * len(ordered)), len(ordered) - 1)]

    def add(self, other: "Load") -> None:
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.statuses += other.statuses
        self.failures += other.failures
        self.resent += other.resent


def request(
    method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, make: Callable[[], bytes], connections: int, seconds: float) -> Load:
    """Ask 127.0.0.1:`port` for so many seconds. `make` gives the bytes of the next request."""
    return asyncio.run(_drive(port, make, connections, seconds))


async def _drive(port: int, make: Callable[[], bytes], connections: int, seconds: float) -> Load:
    load = Load()
    began = time.perf_counter()
    clients = [_Client(port, make, load, began + seconds) for _ in range(connections)]
    await asyncio.gather(*(client.run() for client in clients))
    load.seconds = time.perf_counter() - began
    return load


class _Client:
    def __init__(self, port: int, make: Callable[[], bytes], load: Load, until: float):
        self.port, self.make, self.load, self.until = port, make, load, until
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        while time.perf_counter() < self.until:
            asked = self.make()
            began = time.perf_counter()
            try:
                status = await self._ask(asked)
            except (OSError, EOFError) as error:
                self.load.failures[type(error).__name__] += 1
                self._drop()
                continue
            self.load.latencies.append(time.perf_counter() - began)
            self.load.statuses[status] += 1
        self._drop()

    async def _ask(self, asked: bytes) -> int:
        if self.writer is not None:
            try:
                return await self._exchange(asked)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if getattr(error, "partial", b""):
                    raise
                self.load.resent += 1
                self._drop()
        connecting = asyncio.open_connection("127.0.0.1", self.port)
        self.reader, self.writer = await asyncio.wait_for(connecting, CONNECT_PATIENCE)
        return await self._exchange(asked)

    async def _exchange(self, asked: bytes) -> int:
        self.writer.write(asked)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        if length.strip():
            await self.reader.readexactly(int(length))
        if b"\r\nconnection: close" in head:
            self._drop()
        return int(head[9:12])

    def _drop(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None
