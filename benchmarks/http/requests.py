"""What the clients ask."""

import itertools
import json
import random
import secrets
from collections.abc import Callable
from pathlib import Path

import httpx2

from benchmarks.filling import RARE
from benchmarks.http.driver import request
from benchmarks.http.site import PASSWORD, SIGNERS, Served, Site
from decisionlog.webhook import proofs

Make = Callable[[], bytes]
# Below the limits of one address: 100 requests a minute, 5 logins in 15 minutes.
ASKED_PER_ADDRESS = 50
LOGINS_PER_ADDRESS = 4


class Addresses:
    """A new client address after every so many requests."""

    def __init__(self, each: int):
        numbers = itertools.count(secrets.randbelow(2**20) * 16)
        self._numbers = (number for number in numbers for _ in range(each))

    def header(self) -> dict[str, str]:
        number = next(self._numbers) % 2**24
        return {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}


class Asking:
    """The product's requests, each a function that gives the bytes of the next one."""

    def __init__(self, site: Site, served: Served):
        self.site = site
        self.addresses = Addresses(ASKED_PER_ADDRESS)
        self.login_addresses = Addresses(LOGINS_PER_ADDRESS)
        # The last one reads only: its session is not ended by the many logins of the others.
        credentials = {"email": f"person{SIGNERS - 1}@example.com", "password": PASSWORD}
        answer = httpx2.post(
            f"http://127.0.0.1:{served.port}/auth/login", json=credentials, timeout=30
        )
        answer.raise_for_status()
        self.token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self._signers = itertools.cycle(range(SIGNERS - 1))
        self._speech = speech(100_000)

    def paths(self) -> dict[str, str]:
        listing = f"/projects/{self.site.project_id}/decisions"
        return {
            "list": f"{listing}?limit=50",
            "detail": f"/decisions/{self.site.decision_id}",
            "search": f"{listing}?limit=50&search={RARE}",
        }

    def reading(self, name: str) -> Make:
        path = self.paths()[name]
        return lambda: request("GET", path, self.token | self.addresses.header())

    def login(self) -> bytes:
        email = f"person{next(self._signers)}@example.com"
        body = json.dumps({"email": email, "password": PASSWORD}).encode()
        return request("POST", "/auth/login", self.login_addresses.header(), body)

    def webhook(self) -> bytes:
        body = self.delivery(self._speech)
        signature = proofs.sign(self.site.webhook_secret, body)
        headers = {"X-Tactiq-Signature": signature, "Connection": "close"}
        return request("POST", "/webhooks/transcript", headers | self.addresses.header(), body)

    def delivery(self, transcript: str) -> bytes:
        payload = {
            "webhook_id": secrets.token_hex(12),
            "project_id": self.site.project_id,
            "transcript": transcript,
        }
        return json.dumps(payload).encode()

    def mixed(self) -> Make:
        """What a busy day might look like."""
        kinds = {
            self.reading("list"): 45,
            self.reading("detail"): 30,
            self.reading("search"): 20,
            self.webhook: 4,
            self.login: 1,
        }
        chance = random.Random(11)
        return lambda: chance.choices(list(kinds), list(kinds.values()))[0]()

    def answers(self, served: Served) -> dict[str, str]:
        """The bytes that the product answers, for the view that has them ready."""
        base = f"http://127.0.0.1:{served.port}"
        return {
            name: httpx2.get(base + path, headers=self.token, timeout=30).raise_for_status().text
            for name, path in self.paths().items()
        }


def speech(size: int) -> str:
    """A transcript of about so many bytes."""
    line = "[{:02}:{:02}:{:02}] Person {}: We could take the steel frame for the hall as it is.\n"
    lines, length, second = [], 0, 0
    while length < size:
        second += 1
        lines.append(line.format(second // 3600 % 100, second // 60 % 60, second % 60, second % 5))
        length += len(lines[-1])
    return "".join(lines)


def peak(pid: int) -> int:
    """The most memory a process has held since `reset_peak`, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc")


def reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
