"""python -m benchmarks.http [--database postgresql://…] [--redis redis://…] [--json FILE]"""

import argparse
import json
import os
import platform
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import bcrypt

from benchmarks.http.driver import Load, drive, request
from benchmarks.http.requests import Asking, peak, reset_peak, speech
from benchmarks.http.site import Served, Site, database, prepare, served

CONNECTIONS = 8
MIXED_CONNECTIONS = 64
RAW = ("list", "detail", "search")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="a PostgreSQL server to measure beside SQLite")
    parser.add_argument("--redis", help="keep limits and queue there, with several workers")
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=3, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    parser.add_argument("--mixed-seconds", type=float, default=60)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--json", type=argparse.FileType("w"))
    options = parser.parse_args()
    servers = {"sqlite": None} | ({"postgresql": options.database} if options.database else {})
    figures: dict[str, Any] = {"machine": machine()}
    for name, server in servers.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder, database(server, Path(folder)) as url:
                print(f"\n{name}", flush=True)
                redis = options.redis if server else None
                site = prepare(Path(folder), url, redis, options.decisions)
                figures[name] = measure(site, options)
    if options.json:
        json.dump(figures, options.json, indent=1)


def machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "cores": os.cpu_count()}


def measure(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """Everything, on one database."""
    figures: dict[str, Any] = {}
    with served(site, "wsgi:app") as product:
        asking = Asking(site, product)
        with served(site, "benchmarks.http.peers:app", asking.answers(product)) as peers:
            for name in asking.paths():
                rivals = {
                    "product": (product, asking.reading(name)),
                    "bare": (peers, lambda name=name: request("GET", f"/bare/{name}")),
                }
                if name in RAW:
                    rivals["raw"] = (peers, lambda name=name: request("GET", f"/raw/{name}"))
                figures[name] = side_by_side(name, rivals, options)
            bare_webhook = bare_post(asking)
            rivals = {"product": (product, asking.webhook), "bare": (peers, bare_webhook)}
            figures["webhook_100kb"] = side_by_side("webhook 100 KB", rivals, options)
        figures["login"] = logins(product, asking, options)
        figures["webhook_10mb"] = large_webhook(product, asking)
        figures["mixed"] = mixed(product, asking, options.mixed_seconds)
    return figures


def bare_post(asking: Asking):
    body = asking.delivery(speech(100_000))
    return lambda: request("POST", "/bare/webhook", {"Connection": "close"}, body)


def side_by_side(name: str, rivals: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The rivals take turns, so that what else the machine does strikes them alike."""
    loads = {rival: Load() for rival in rivals}
    cpu = dict.fromkeys(rivals, 0.0)
    rates: dict[str, list[float]] = {rival: [] for rival in rivals}
    for _ in range(options.rounds):
        for rival, (server, make) in rivals.items():
            before = server.cpu_seconds()
            load = drive(server.port, make, CONNECTIONS, options.seconds)
            cpu[rival] += server.cpu_seconds() - before
            rates[rival].append(load.rps)
            loads[rival].add(load)
    figures: dict[str, Any] = {}
    for rival, load in loads.items():
        figures[rival] = summary(load) | {
            "rps": round(median(rates[rival]), 1),
            "cpu_ms": round(1000 * cpu[rival] / max(len(load.latencies), 1), 3),
        }
        tell(f"{name}, {rival}", figures[rival])
    for rival in figures.keys() - {"product"}:
        ratio = figures["product"]["rps"] / figures[rival]["rps"]
        figures[rival]["ratio"] = round(ratio, 3)
        print(f"  {name}: {ratio:.2f} of {rival}", flush=True)
    return figures


def summary(load: Load) -> dict[str, Any]:
    figures = {
        "rps": round(load.rps, 1),
        "p50_ms": round(load.milliseconds(0.50), 2),
        "p95_ms": round(load.milliseconds(0.95), 2),
        "p99_ms": round(load.milliseconds(0.99), 2),
        "statuses": dict(load.statuses),
    }
    if load.failures:
        figures["failures"] = dict(load.failures)
    if load.resent:
        figures["resent"] = load.resent
    return figures


def tell(name: str, figures: dict[str, Any]) -> None:
    told = " ".join(f"{key}={value}" for key, value in figures.items())
    print(f"  {name:24} {told}", flush=True)


def logins(product: Served, asking: Asking, options: argparse.Namespace) -> dict[str, Any]:
    """Login beside bcrypt alone, and what a list takes while clients log in without pause."""
    seconds = options.seconds * options.rounds
    raw = raw_bcrypt(CONNECTIONS, seconds)
    load = drive(product.port, asking.login, CONNECTIONS, seconds)
    quiet = drive(product.port, asking.reading("list"), 1, seconds)
    loud = threading.Thread(
        target=drive, args=(product.port, asking.login, CONNECTIONS, seconds + 2)
    )
    loud.start()
    time.sleep(1)
    beside = drive(product.port, asking.reading("list"), 1, seconds)
    loud.join()
    figures = {
        "product": summary(load),
        "raw_bcrypt_per_second": round(raw, 2),
        "ratio": round(load.rps / raw, 3),
        "list_quiet": summary(quiet),
        "list_beside_logins": summary(beside),
        "list_p95_ratio": round(beside.milliseconds(0.95) / quiet.milliseconds(0.95), 2),
    }
    tell("login", figures)
    return figures


def raw_bcrypt(threads: int, seconds: float) -> float:
    """Checks a second on all cores: bcrypt lets go of the interpreter while it works."""
    hashed = bcrypt.hashpw(b"a passphrase", bcrypt.gensalt(12))
    until = time.perf_counter() + seconds

    def check() -> int:
        count = 0
        while time.perf_counter() < until:
            bcrypt.checkpw(b"a passphrase", hashed)
            count += 1
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(future.result() for future in [pool.submit(check) for _ in range(threads)])
    return done / (time.perf_counter() - began)


def large_webhook(product: Served, asking: Asking) -> dict[str, Any]:
    """How much one delivery of nearly 10 MB adds to the peak of the worker that takes it."""
    # The first one of any size pays for what is imported and compiled once.
    drive(product.port, asking.webhook, 1, 0.01)
    asking._speech = speech(10_000_000)
    before = {pid: peak_after_reset(pid) for pid in product.workers()}
    load = drive(product.port, asking.webhook, 1, 0.01)
    added = max(peak(pid) - least for pid, least in before.items())
    asking._speech = speech(100_000)
    figures = summary(load) | {"added_mb": round(added / 2**20, 1)}
    tell("webhook 10 MB", figures)
    return figures


def peak_after_reset(pid: int) -> int:
    reset_peak(pid)
    return peak(pid)


def mixed(product: Served, asking: Asking, seconds: float) -> dict[str, Any]:
    """Everything at once, with a reload in the middle."""
    reload = threading.Timer(seconds / 2, product.process.send_signal, [signal.SIGHUP])
    reload.start()
    load = drive(product.port, asking.mixed(), MIXED_CONNECTIONS, seconds)
    reload.join()
    figures = summary(load)
    figures["errors"] = load.failures.total() + sum(
        count for status, count in load.statuses.items() if status >= 400
    )
    tell("mixed", figures)
    return figures


if __name__ == "__main__":
    main()
