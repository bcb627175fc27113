"""`flask doctor`: is everything set and reachable? In words, with what to do where it is not."""

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from rich.console import Console
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

import config
from decisionlog import clock
from decisionlog.auth import queries, sealing
from decisionlog.extensions import db, limiter
from decisionlog.jobs import leases, statistics
from decisionlog.models import OutgoingWebhook, User
from decisionlog.notify import mail
from decisionlog.production import SECRETS
from decisionlog.vocabulary import TranscriptStatus

CLOCK_SECONDS = 5
OVERDUE_SECONDS = 600
DISK_LOW, DISK_FULL = 1024**3, 100 * 1024**2
CONNECT_SECONDS = 5


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"


COLOURS = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.FAULT: "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    words: str


def good(words: str) -> Finding:
    return Finding(Verdict.GOOD, words)


def note(words: str) -> Finding:
    return Finding(Verdict.NOTE, words)


def fault(words: str) -> Finding:
    return Finding(Verdict.FAULT, words)


@click.command()
def doctor() -> None:
    """Check every setting and connection; exit status 1 if something is broken."""
    console = Console(soft_wrap=True)
    broken = False
    for name, check in CHECKS.items():
        for finding in _findings(check):
            broken = broken or finding.verdict is Verdict.FAULT
            colour = COLOURS[finding.verdict]
            console.print(f"[{colour}]{finding.verdict:5}[/] {name}: ", end="")
            console.print(finding.words, markup=False, highlight=False)
    if broken:
        raise click.exceptions.Exit(1)


def _findings(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:
        # Its text may hold an address with a password; the class says enough.
        yield fault(f"does not answer ({type(error).__name__})")


def _settings() -> Iterator[Finding]:
    names = config.Settings.model_fields
    settings = config.Settings.model_construct(**{name: current_app.config[name] for name in names})
    yield good(f"{settings.APP_ENV}, {len(names)} settings read")
    if not settings.production:
        for words in config.check(settings):
            yield note(f"production would refuse to start: {words}")
    if settings.DEMO_MODE:
        yield note("DEMO_MODE allows accounts with known passwords")
    if not settings.CAPTCHA_SECRET:
        yield note("no CAPTCHA is asked for after failed logins; CAPTCHA_SECRET sets one")
    if settings.TRUSTED_PROXIES == 0:
        yield note("no proxy is trusted: behind one, all clients would share its limits")


def _keys() -> Iterator[Finding]:
    """Ages are known of the keys that development made; the environment tells none."""
    for name in SECRETS:
        values = current_app.config[name] or ()
        path = config.INSTANCE_DIR / name.lower()
        if not path.exists() or path.read_text() not in values:
            yield good(f"{name} holds {len(values)}, from the settings, of unknown age")
            continue
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        days = (clock.now() - made).days
        if days > current_app.config["SECRET_MAX_AGE_DAYS"]:
            yield note(f"{name} is {days} days old: put a new key before it, then take it away")
        else:
            yield good(f"{name} was made {days} days ago")


def _database() -> Iterator[Finding]:
    connection = db.session.connection()
    yield good(f"{connection.dialect.name} answers")
    current = MigrationContext.configure(connection).get_current_heads()
    wanted = ScriptDirectory(str(config.BASE_DIR / "migrations")).get_heads()
    if set(current) != set(wanted):
        yield fault("the schema is not the newest: run flask db upgrade")
        return
    yield good("the schema is the newest")
    if connection.dialect.name == "postgresql":
        yield from _postgresql()


def _postgresql() -> Iterator[Finding]:
    encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    if db.session.scalar(text(encrypted)):
        yield good("the connection is encrypted")
    else:
        yield note("the connection is not encrypted: fine on a unix socket only")
    server_time = "SELECT extract(epoch FROM clock_timestamp())"
    apart = abs(float(db.session.scalar(text(server_time))) - clock.now().timestamp())
    if apart > CLOCK_SECONDS:
        yield fault(f"its clock and this machine's are {apart:.0f} seconds apart: one is wrong")
    else:
        yield good("its clock agrees with this machine's")
    rewrites = "SELECT has_table_privilege('audit_events', 'UPDATE, DELETE')"
    if db.session.scalar(text(rewrites)):
        yield note("this role may rewrite the audit log: see deploy/postgres/roles.sql")
    else:
        yield good("the audit log can't be rewritten by this role")


def _disk() -> Iterator[Finding]:
    """What SQLite writes to; other servers look after theirs."""
    url = make_url(current_app.config["DATABASE_URL"])
    if url.get_backend_name() != "sqlite":
        return
    free = shutil.disk_usage(Path(url.database or ".").parent).free
    words = f"{free / 1024**3:.1f} GiB are free beside the database"
    verdict = fault if free < DISK_FULL else note if free < DISK_LOW else good
    yield verdict(words)


def _queue() -> Iterator[Finding]:
    waiting = current_app.extensions["huey"].pending_count()
    yield good(f"answers, {waiting} signals wait")


def _limits() -> Iterator[Finding]:
    if not current_app.config["RATELIMIT_ENABLED"]:
        yield note("RATELIMIT_ENABLED is off")
        return
    if current_app.config["RATELIMIT_STORAGE_URI"].startswith("memory:"):
        yield good("counted in memory: right for one process")
    elif limiter.storage.check():
        yield good("the shared store answers")
    else:
        yield fault("the shared store does not answer: each process counts for itself")


def _blocklist() -> Iterator[Finding]:
    store = current_app.extensions["token_blocklist"]
    if store is None:
        yield good("in the database")
        return
    store.ping()
    yield good("Redis answers")
    wanted = {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    for name, value in wanted.items():
        if store.config_get(name).get(name) != value:
            yield fault(f"Redis needs {name} {value}: it may forget who signed out")


def _accounts() -> Iterator[Finding]:
    directors = queries.live_directors()
    if not directors:
        yield note("there is no director: flask users create --role director")
        return
    protected = db.session.scalar(
        select(func.count()).where(User.id.in_(directors), User.totp_enabled_at.is_not(None))
    )
    words = f"{protected} of {len(directors)} directors have a second factor"
    yield good(words) if protected == len(directors) else note(words)


def _sealed() -> Iterator[Finding]:
    factors = select(User.totp_secret).where(User.totp_secret.is_not(None))
    webhooks = select(OutgoingWebhook.secret).where(OutgoingWebhook.removed_at.is_(None))
    readable = 0
    for what, statement in (("second factors", factors), ("outgoing webhooks", webhooks)):
        secrets = db.session.scalars(statement).all()
        unreadable = sum(not sealing.is_readable(secret) for secret in secrets)
        readable += len(secrets) - unreadable
        if unreadable:
            yield fault(f"{unreadable} {what} need a TOTP_ENCRYPTION_KEY that is not here")
    yield good(f"{readable} can be read")


def _extraction() -> Iterator[Finding]:
    in_batches = current_app.config["EXTRACTION_MODE"] == "batch"
    if not current_app.config["ANTHROPIC_API_KEY"]:
        yield note("the offline extractor: ANTHROPIC_API_KEY is empty")
        if in_batches:
            yield note("EXTRACTION_MODE=batch has no effect without a key")
        return
    way = "by batches: an answer may take a day" if in_batches else "asked directly"
    yield good(f"Claude, {current_app.config['EXTRACTION_MODEL']}, {way}")


def _transcripts() -> Iterator[Finding]:
    """No worker registers anywhere: it shows by what it does, or leaves undone."""
    last, overdue = statistics.last_run_at(), statistics.overdue_seconds()
    worked = f"a worker began the last attempt {clock.iso(last)}" if last else "none worked on yet"
    if overdue > OVERDUE_SECONDS:
        yield fault(f"one has been due for {overdue / 60:.0f} minutes, no worker runs; {worked}")
    else:
        yield good(f"{leases.due_count()} due; {worked}")
    failed = statistics.transcripts_by_status()[TranscriptStatus.FAILED]
    if failed:
        yield note(f"{failed} failed: flask transcripts list --status failed says why")


def _mail() -> Iterator[Finding]:
    if not current_app.config["SMTP_HOST"]:
        yield note("nobody gets digests or security notices: SMTP_HOST is empty")
        return
    mail.greet(current_app.config)
    yield good(f"{current_app.config['SMTP_HOST']} lets us in")


def _metrics() -> Iterator[Finding]:
    if current_app.config["METRICS_TOKEN"]:
        yield good("METRICS_TOKEN opens them")
    else:
        yield good("only this machine itself may ask; METRICS_TOKEN lets others")


def _reports() -> Iterator[Finding]:
    dsn = urlsplit(current_app.config["SENTRY_DSN"])
    if not dsn.hostname:
        yield good("unexpected errors stand in the log only; SENTRY_DSN reports them")
        return
    port = dsn.port or (443 if dsn.scheme == "https" else 80)
    socket.create_connection((dsn.hostname, port), timeout=CONNECT_SECONDS).close()
    yield good(f"unexpected errors are reported to {dsn.hostname}, which answers")


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "settings": _settings,
    "keys": _keys,
    "database": _database,
    "disk": _disk,
    "queue": _queue,
    "rate limits": _limits,
    "ended sessions": _blocklist,
    "accounts": _accounts,
    "encrypted secrets": _sealed,
    "extraction": _extraction,
    "transcripts": _transcripts,
    "mail": _mail,
    "metrics": _metrics,
    "error reports": _reports,
}
