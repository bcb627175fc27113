"""gunicorn, as gunicorn.conf.py sets it up."""

import json
import signal
import threading

import httpx2

from tests.e2e.site import wait_until

BOOT = "Booting worker with pid"


def access_log(site, web):
    lines = site.log(web).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and '"request"' in line]


def test_a_request_is_logged_as_json_with_its_id_and_without_its_query(quiet_site):
    site, web = quiet_site, quiet_site.web
    headers = site.token | {"X-Request-ID": "an-id-of-the-callers", "X-Forwarded-For": "192.0.2.7"}
    site.api.get("/api/projects", params={"limit": "7"}, headers=headers)
    line = wait_until(
        lambda: [
            entry
            for entry in access_log(site, web)
            if entry["request_id"] == "an-id-of-the-callers"
        ]
    )[0]
    assert line["method"] == "GET"
    assert line["path"] == "/api/projects"
    assert line["status"] == 200
    assert line["ip"] == "192.0.2.7"
    assert line["bytes"] > 0
    assert line["milliseconds"] > 0
    assert "limit" not in site.log(web)[site.log(web).index("an-id-of-the-callers") :]


def test_a_reload_loses_no_request(quiet_site):
    site, web = quiet_site, quiet_site.web
    answers, stop = [], threading.Event()
    address = f"http://127.0.0.1:{site.port}/projects"

    def keep_asking():
        # A connection of its own each: one kept open may be closed by either side at any time.
        each_its_own = httpx2.Limits(max_keepalive_connections=0)
        with httpx2.Client(limits=each_its_own, headers=site.token, timeout=30) as client:
            while not stop.wait(0.01):
                answers.append(client.get(address))

    boots = site.log(web).count(BOOT)
    askers = [threading.Thread(target=keep_asking) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        wait_until(lambda: len(answers) > 20)
        web.send_signal(signal.SIGHUP)
        wait_until(lambda: site.log(web).count(BOOT) == boots + 1)
        wait_until(lambda: "Worker exiting" in site.log(web))
        after = len(answers)
        wait_until(lambda: len(answers) > after + 20)
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert {answer.status_code for answer in answers} == {200}
