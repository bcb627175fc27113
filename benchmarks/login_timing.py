"""Do answers take the same time whether a user, or a project, exists or not?

    python -m benchmarks.login_timing

Runs against an application of its own on a fresh SQLite database, at 12 bcrypt rounds, and measures
pairs of requests in turn, so that a drift of the machine meets both alike. Prints medians in
milliseconds and their difference; exit status 1 when one pair differs by more than 5 %.
"""

import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from flask_migrate import upgrade

from decisionlog import clock, create_app
from decisionlog.auth import sessions
from decisionlog.extensions import db
from tests import factories

LOGINS = 200
READS = 2000
LIMIT = 0.05


def timed(call: Callable[[], None]) -> float:
    """Milliseconds that a call takes."""
    start = clock.monotonic()
    call()
    return (clock.monotonic() - start) * 1000


def compare(one: Callable[[], None], other: Callable[[], None], times: int) -> tuple[float, float]:
    """The medians of both, called in turn, the first of each unmeasured."""
    one(), other()
    pairs = [(timed(one), timed(other)) for _ in range(times)]
    return statistics.median(first for first, _ in pairs), statistics.median(
        second for _, second in pairs
    )


def report(what: str, one: float, other: float) -> bool:
    """Print a line; whether the two are close enough."""
    apart = abs(one - other) / max(one, other)
    print(f"{what:44} {one:8.2f} ms {other:8.2f} ms {apart:7.2%}")
    return apart <= LIMIT


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    app = create_app(
        {
            "DATABASE_URL": f"sqlite:///{folder}/timing.db",
            "BCRYPT_ROUNDS": 12,
            "RATELIMIT_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    with app.app_context():
        upgrade()
        known = factories.user(password="a passphrase that nobody guesses")
        closed = factories.user(deleted_at=clock.now())
        outsider = factories.user()
        project = factories.project().id
        with app.test_request_context():
            token = sessions.start(outsider).access_token
            db.session.commit()
        emails = {"known": known.email, "closed": closed.email, "unknown": "nobody@example.com"}
        db.session.remove()

    client = app.test_client()

    def login(which: str) -> Callable[[], None]:
        body = {"email": emails[which], "password": "a passphrase that is wrong"}
        return lambda: expect(401, client.post("/auth/login", json=body))

    def read(project_id: uuid.UUID) -> Callable[[], None]:
        headers = {"Authorization": f"Bearer {token}"}
        return lambda: expect(404, client.get(f"/projects/{project_id}", headers=headers))

    close = [
        report(
            "login: wrong password / unknown user",
            *compare(login("known"), login("unknown"), LOGINS),
        ),
        report(
            "login: wrong password / closed account",
            *compare(login("known"), login("closed"), LOGINS),
        ),
        report(
            "project: somebody else's / none", *compare(read(project), read(uuid.uuid4()), READS)
        ),
    ]
    return 0 if all(close) else 1


def expect(status: int, answer) -> None:
    if answer.status_code != status:
        raise SystemExit(f"expected {status}, got {answer.status_code}")


if __name__ == "__main__":
    sys.exit(main())
