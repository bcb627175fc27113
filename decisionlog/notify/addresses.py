"""Where an outgoing webhook may go: a guard against server-side request forgery.

After the OWASP SSRF Prevention Cheat Sheet: only https to a public address, checked when it is
saved and again when it is sent to. The connection is then made to the address that was checked,
so that a name which points elsewhere a moment later gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


class ForbiddenAddress(ValueError):
    """The webhook may not go there; the message says why, and names no address."""


@dataclass(frozen=True, slots=True)
class Target:
    """`url` holds the checked address instead of the name, which goes as Host and to TLS."""

    url: str
    host: str
    name: str


def resolve(url: str, private: bool = False) -> Target:
    """Where to connect for a URL. With `private` any address goes, and http too.

    Raises ForbiddenAddress.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddress("is not a URL") from error
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ForbiddenAddress("must begin with https://")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ForbiddenAddress("must name a host, and no user")
    address = _addresses(parts.hostname, port or (443 if parts.scheme == "https" else 80), private)
    literal = f"[{address}]" if ":" in address else address
    netloc = literal if port is None else f"{literal}:{port}"
    pinned = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    return Target(pinned, parts.netloc, parts.hostname)


def _addresses(host: str, port: int, private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ForbiddenAddress("names a host that can't be found") from error
    addresses = [str(entry[4][0]) for entry in found]
    # One bad address among good ones is a trap, not an accident.
    if not private and not all(is_public(address) for address in addresses):
        raise ForbiddenAddress("must not lead to a private or reserved address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast
