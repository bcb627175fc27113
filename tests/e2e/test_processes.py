"""What holds when processes die, hang, stop or crowd."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from config import BASE_DIR
from tests.e2e.site import wait_until
from tests.unit.extraction.messages_api import MessagesApi

SPEECH = (
    "[00:00:05] Ana: Good morning.\n"
    "[00:00:09] Rui: We have decided that the frame of the hall will be steel, agreed.\n"
    "[00:00:20] Ana: Agreed, so we go with steel.\n"
)
SHORT_LEASE = {"EXTRACTION_TIMEOUT_SECONDS": "3", "EXTRACTION_LEASE_SECONDS": "4"}
ANSWER = (
    '{"decisions": [{"quotes": [{"turn": 1, "text": "the frame of the hall will be steel"}],'
    ' "statement": "The frame will be steel.", "why": "", "discipline": "structural",'
    ' "causation": "other", "impacts": [], "consensus": [], "review_on": null}]}'
)


class SlowClaude(MessagesApi):
    """Takes `delay` seconds to answer: time to catch a worker in the middle."""

    def __init__(self):
        super().__init__()
        self.delay = 0.0
        self.otherwise = lambda request: ANSWER

    def _answer(self, request):
        reply = super()._answer(request)
        time.sleep(self.delay)
        return reply

    def settings(self, **changes) -> dict[str, str]:
        return {
            "ANTHROPIC_API_KEY": "sk-ant-test",
            "ANTHROPIC_BASE_URL": self.url,
            "EXTRACTION_TIMEOUT_SECONDS": "20",
            "EXTRACTION_LEASE_SECONDS": "30",
        } | changes


@pytest.fixture
def claude():
    api = SlowClaude()
    yield api
    api.close()


def test_one_id_follows_a_transcript_from_the_webhook_to_its_decisions(site):
    answer = site.post(site.payload(SPEECH), **{"X-Request-ID": "sent-by-the-meeting-tool"})
    transcript_id = answer.json()["transcript_id"]
    site.wait_for(transcript_id)
    web, worker = map(site.log, site.processes)
    for log, event in (
        (web, "transcript received"),
        (worker, "extraction begins"),
        (worker, "transcript processed"),
        (worker, "extraction ends"),
    ):
        (line,) = [line for line in log.splitlines() if event in line and transcript_id in line]
        assert "sent-by-the-meeting-tool" in line
    logs = (web, worker)
    assert "the frame of the hall" not in "".join(logs)


def test_the_sixth_wrong_login_is_refused_for_a_while(site):
    stranger = {"X-Forwarded-For": "203.0.113.9"}
    wrong = {"email": "nobody@example.com", "password": "not the right one"}
    answers = [site.api.post("/auth/login", json=wrong, headers=stranger) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert answers[-1].json()["error"] == "rate_limit_exceeded"


def test_fifty_deliveries_of_one_meeting_at_once_make_one_transcript(site):
    payload = site.payload(SPEECH, webhook_id="storm")
    base = str(site.api.base_url)
    limits = httpx2.Limits(max_connections=50)
    with (
        httpx2.Client(base_url=base, timeout=60, limits=limits) as client,
        ThreadPoolExecutor(50) as senders,
    ):
        answers = list(senders.map(lambda _: site.post(payload, client), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    (transcript_id,) = {answer.json()["transcript_id"] for answer in answers}
    assert site.wait_for(transcript_id)["attempts"] == 1
    assert len(site.decisions(transcript_id)) == 1


def test_sigterm_lets_a_worker_finish_what_it_has_in_hand(quiet_site, start_worker, claude):
    claude.delay = 1.0
    worker = start_worker(**claude.settings())
    transcript_id = quiet_site.deliver(SPEECH)
    wait_until(lambda: claude.requests)
    assert quiet_site.stop(worker, signal.SIGTERM) == 0
    transcript = quiet_site.transcript(transcript_id)
    assert (transcript["status"], transcript["attempts"]) == ("processed", 1)


def test_a_killed_workers_transcript_is_taken_over(quiet_site, start_worker, claude):
    claude.hangs()
    worker = start_worker(**claude.settings(**SHORT_LEASE))
    transcript_id = quiet_site.deliver(SPEECH)
    wait_until(lambda: claude.requests)
    quiet_site.stop(worker, signal.SIGKILL)
    assert quiet_site.transcript(transcript_id)["status"] == "processing"
    start_worker(**claude.settings(**SHORT_LEASE))
    transcript = quiet_site.wait_for(transcript_id, "processed")
    assert transcript["attempts"] >= 2
    assert len(quiet_site.decisions(transcript_id)) == 1


def test_a_zombie_that_wakes_up_after_its_lease_stores_nothing(quiet_site, start_worker, claude):
    claude.delay = 2.0
    zombie = start_worker(**claude.settings(**SHORT_LEASE))
    transcript_id = quiet_site.deliver(SPEECH)
    wait_until(lambda: claude.requests)
    zombie.send_signal(signal.SIGSTOP)
    claude.delay = 0
    start_worker(**claude.settings(**SHORT_LEASE))
    transcript = quiet_site.wait_for(transcript_id, "processed")
    zombie.send_signal(signal.SIGCONT)
    wait_until(lambda: "nothing stored" in quiet_site.log(zombie))
    after = quiet_site.transcript(transcript_id)
    assert after == transcript
    assert 1 not in [run["attempt"] for run in after["runs"]]
    assert len(quiet_site.decisions(transcript_id)) == 1


def test_workers_on_two_hosts_share_the_work(quiet_site, start_worker, claude, tmp_path):
    claude.delay = 0.3
    hosts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        hosts.append(start_worker(folder=tmp_path / name, **claude.settings()))
    ids = [quiet_site.deliver(SPEECH) for _ in range(8)]
    for transcript_id in ids:
        transcript = quiet_site.wait_for(transcript_id)
        assert (transcript["status"], transcript["attempts"]) == ("processed", 1)
    shares = [quiet_site.log(host).count("transcript processed") for host in hosts]
    assert sum(shares) == 8
    assert all(shares), shares


def test_a_web_process_killed_after_its_202_has_lost_nothing(quiet_site, start_worker):
    transcript_id = quiet_site.deliver(SPEECH)
    quiet_site.stop(quiet_site.web, signal.SIGKILL)
    start_worker()
    quiet_site.start_web()
    assert quiet_site.wait_for(transcript_id)["status"] == "processed"


def test_the_demo_shows_the_decisions_of_its_meeting(tmp_path):
    result = _demo(tmp_path, DEMO_MODE="true")
    assert result.returncode == 0, result.stderr
    shown = int(result.stdout.strip().splitlines()[-1].split()[0])
    assert shown >= 5


def test_the_demo_is_refused_outside_demo_mode(tmp_path):
    result = _demo(tmp_path, DEMO_MODE="false")
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "DEMO_MODE=true" in result.stderr


def _demo(folder, **settings) -> subprocess.CompletedProcess:
    environment = (
        os.environ
        | settings
        | {
            "DATABASE_URL": f"sqlite:///{folder}/demo.db",
            "QUEUE_URL": "",
            "ANTHROPIC_API_KEY": "",
        }
    )
    return subprocess.run(
        [sys.executable, "-m", "flask", "demo", "--exit"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
