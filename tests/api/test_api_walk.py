"""docs/api.md, run as the script that it is."""

import os
import re
import shutil
import subprocess
import threading

import pytest
from werkzeug.serving import make_server

from config import BASE_DIR
from decisionlog.extensions import db
from decisionlog.jobs import extract_decisions
from tests import factories
from tests.conftest import WEBHOOK_SECRET

DOCUMENT = (BASE_DIR / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
# A call that is refused ends the walk, and the last line tells that it came to its end.
PROLOGUE = """set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body "$@"; }
"""
EPILOGUE = "\necho the end of the walk\n"
NEEDED = ("bash", "curl", "jq", "openssl")


@pytest.fixture
def base(make_app):
    """The address of a running server, with a worker beside it."""
    app = make_app(OUTGOING_WEBHOOKS_PRIVATE=True)
    with app.app_context():
        factories.user(email="test@example.com", password="password", role="director")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    done = threading.Event()

    def work():
        while not done.wait(0.2):
            with app.app_context():
                extract_decisions.run_next()

    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    done.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"the walk needs {', '.join(NEEDED)}"
)
def test_every_call_of_the_walk_succeeds(base, tmp_path):
    done = subprocess.run(
        ["bash", "-c", PROLOGUE + "\n".join(BLOCKS) + EPILOGUE],
        cwd=tmp_path,
        env=os.environ
        | {"BASE": base, "HOOK": "http://127.0.0.1:9/x", "TACTIQ_WEBHOOK_SECRET": WEBHOOK_SECRET},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.endswith("the end of the walk\n")
    assert '"superseded_by": {' in done.stdout
    assert "# Quay House II" in done.stdout


def test_the_walk_calls_every_operation_of_the_record(app):
    called = "\n".join(BLOCKS)
    for path in {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("decisions.") and "reprocess" not in rule.rule
    }:
        pattern = re.escape(path)
        pattern = re.sub(r"<(?:uuid:)?\w+>", r"\\$\\w+", pattern.replace("\\", ""))
        assert re.search(r"\$BASE" + pattern + r'["?]', called), path
