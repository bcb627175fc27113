"""Flask-Limiter, as this application counts."""

import ipaddress

from flask import current_app, request
from flask_limiter import Limit, Limiter
from limits.errors import StorageError


def client_network() -> str:
    """Whom a rate limit counts: the caller's IPv4 address, or its IPv6 network of 64 bits, which
    is what one subscriber has to choose addresses from."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def default_limit() -> str:
    return current_app.config["RATELIMIT_DEFAULT"]


class SteadyLimiter(Limiter):
    """A limiter that no thread of a process sees failing when its store goes away.

    Flask-Limiter falls back to memory in the thread that notices first, and lets the error out of
    every other thread that was waiting for the store at that moment.
    """

    def _check_request_limit(
        self, callable_name: str | None = None, in_middleware: bool = True
    ) -> None:
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except StorageError:
            self._storage_dead = True
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)
        finally:
            self._read_window()

    def _read_window(self) -> None:
        """Read what the headers will tell now, where a failing store can still be answered."""
        if self.current_limit is None:
            return
        try:
            _ = self.current_limit.window
        except StorageError:
            self._storage_dead = True
            _ = self.current_limit.window


def make() -> Limiter:
    """One budget for all routes together, apart from those whose own limit overrides it."""
    return SteadyLimiter(
        client_network,
        default_limits=[Limit(default_limit, shared=True, scope="api")],
        strategy="moving-window",
        headers_enabled=True,
    )
