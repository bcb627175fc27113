"""deploy/postgres on a real server of its own, with TLS: what is encrypted, who may do what."""

import getpass
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask_migrate import upgrade
from psycopg import errors

import config
from decisionlog import clock, create_app
from decisionlog.extensions import db
from tests import factories
from tests.api.test_auth import login
from tests.api_client import ApiClient
from tests.conftest import SETTINGS
from tests.security.production import PRODUCTION

DEPLOY = config.BASE_DIR / "deploy" / "postgres"
PASSWORD = "a-database-password-for-tests"
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

pytestmark = pytest.mark.skipif(not BINARIES, reason="no PostgreSQL server is installed")


@dataclass
class Server:
    folder: Path
    port: int

    def as_superuser(self, **kwargs):
        return psycopg.connect(
            host=str(self.folder), port=self.port, user="postgres", autocommit=True, **kwargs
        )

    def connect(self, role="decisionlog_app", **kwargs):
        given = {
            "host": "127.0.0.1",
            "sslmode": "verify-full",
            "sslrootcert": str(self.folder / "server.crt"),
        } | kwargs
        return psycopg.connect(
            port=self.port,
            user=role,
            password=PASSWORD,
            dbname="decisionlog",
            autocommit=True,
            **given,
        )

    def url(self, role, tail=""):
        return (
            f"postgresql://{role}:{PASSWORD}@127.0.0.1:{self.port}/decisionlog"
            f"?sslmode=verify-full&sslrootcert={self.folder / 'server.crt'}{tail}"
        )


def _account():
    """The system's account that runs the server: PostgreSQL refuses to be root."""
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _run(folder, *command):
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)


def _make_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.key").write_bytes(private)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """A cluster under deploy/postgres/pg_hba.conf, with its roles, migrated by the owner."""
    binaries = BINARIES[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="decisionlog-pg-"))
    account = pwd.getpwnam(_account())
    os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    started = Server(folder, _free_port())
    try:
        _run(folder, binaries / "initdb", "-D", data, "-U", "postgres", "--no-sync")
        _make_certificate(folder)
        for name, mode in (("server.crt", 0o644), ("server.key", 0o600)):
            (folder / name).chmod(mode)
            os.chown(folder / name, account.pw_uid, account.pw_gid)
        # The test runs under another account than the server: the socket's rule would ask for one.
        rules = (DEPLOY / "pg_hba.conf").read_text().replace("peer", "trust")
        (data / "pg_hba.conf").write_text(rules)
        options = (
            f"-p {started.port} -k {folder} -c listen_addresses=127.0.0.1 -c ssl=on -c fsync=off"
            f" -c ssl_cert_file={folder}/server.crt -c ssl_key_file={folder}/server.key"
        )
        control = (binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
        _run(folder, *control, "-o", options, "start")
        try:
            _set_up(started)
            yield started
        finally:
            _run(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _set_up(server):
    with server.as_superuser(dbname="postgres") as admin:
        admin.execute("CREATE DATABASE decisionlog")
    apply_roles(server)
    app = create_app(
        SETTINGS
        | {"DATABASE_URL": server.url("decisionlog_owner"), "QUEUE_URL": "sqlite:///:memory:"}
    )
    with app.app_context():
        upgrade()
        db.engine.dispose()
    apply_roles(server)


def apply_roles(server, **environment):
    """As compose.yaml does it."""
    roles = yaml.safe_load((DEPLOY.parent / "compose.yaml").read_text())["services"]["roles"]
    tool, *arguments = (word.replace("/sql", str(DEPLOY)) for word in roles["command"])
    given = dict.fromkeys(roles["environment"], PASSWORD) | {
        "PGHOST": str(server.folder),
        "PGPORT": str(server.port),
        "PGUSER": roles["environment"]["PGUSER"],
        "PGDATABASE": roles["environment"]["PGDATABASE"],
    }
    subprocess.run(
        [BINARIES[-1].with_name(tool), *arguments],
        env=given | environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def app(server):
    """Production as roles.sql sets it up: the app's role, verified TLS, the queue's schema."""
    app = create_app(
        SETTINGS
        | PRODUCTION
        | {
            "DATABASE_URL": server.url("decisionlog_app"),
            "QUEUE_URL": server.url("decisionlog_app", "&options=-csearch_path%3Dqueue"),
        }
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions["huey"].storage.close()


def test_a_plain_connection_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match=r"no encryption|SSL off"):
        server.connect(sslmode="disable")


def test_a_verified_connection_works_and_is_encrypted(server):
    with server.connect() as connection:
        row = connection.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row == (True, "TLSv1.3")


def test_another_host_name_than_the_certificate_s_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        server.connect(host="db.example.com", hostaddr="127.0.0.1")


def test_a_certificate_of_somebody_else_is_refused(server, tmp_path):
    _make_certificate(tmp_path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        server.connect(sslrootcert=str(tmp_path / "server.crt"))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE users ADD COLUMN extra text",
        "DROP TABLE users",
        "CREATE TABLE public.extra (id int)",
        "CREATE INDEX ON users (name)",
        "TRUNCATE users",
        "UPDATE audit_events SET event = 'nothing'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE ROLE another LOGIN",
        "SET ROLE decisionlog_owner",
    ],
)
def test_the_app_changes_neither_the_schema_nor_what_was_audited(server, statement):
    with server.connect() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_app_does_all_its_work_under_its_role(app):
    director = factories.user(role="director")
    client = ApiClient(app)
    tokens = login(client, director.email).get_json()
    signed_in = client.with_token(tokens["access_token"])
    events = signed_in.get("/audit?event=login").get_json()["events"]
    assert events[0]["event"] == "login.succeeded"
    assert signed_in.get("/projects").status_code == 200
    assert client.get("/ready").status_code == 200


def test_the_roles_may_be_made_twice_and_new_tables_are_the_app_s_to_use(server):
    apply_roles(server)
    with server.connect("decisionlog_owner") as owner:
        owner.execute("CREATE TABLE later (id int)")
        try:
            with server.connect() as connection:
                connection.execute("INSERT INTO later VALUES (1)")
        finally:
            owner.execute("DROP TABLE later")


def test_a_role_s_password_is_the_one_that_was_given_last(server):
    apply_roles(server, POSTGRES_APP_PASSWORD='it\'s "another" one; DROP TABLE users')
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            server.connect()
        server.connect("decisionlog_owner").close()
    finally:
        apply_roles(server)
    server.connect().close()


def test_the_app_s_role_can_back_up(app, tmp_path):
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump")
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert result.exit_code == 0, result.output


def test_strangers_may_not_connect(server):
    with pytest.raises(psycopg.OperationalError):
        server.connect(role="postgres")
