"""How gunicorn serves DecisionLog: https://docs.gunicorn.org/en/stable/settings.html"""

import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime

from gunicorn.glogging import Logger

# gunicorn reads every plain name in this file as a setting of its own, `config` among them.
import config as _configuration

_settings = _configuration.load()
# This process lives on while HUP starts new workers, which are to import all that is ours anew.
for _name in [name for name in sys.modules if name.split(".")[0] in ("config", "decisionlog")]:
    del sys.modules[_name]

# bcrypt lets go of the interpreter while it works, so that threads keep answering during logins.
worker_class = "gthread"
threads = _configuration.WEB_THREADS
# Limits in memory are counted per process: only a shared store allows for several.
_shared_limits = not _settings.RATELIMIT_STORAGE_URI.startswith("memory:")
workers = _settings.WEB_CONCURRENCY or (multiprocessing.cpu_count() * 2 if _shared_limits else 1)

# A worker that does not report for this long is killed; its threads' work does not count.
timeout = 60
# How long requests in hand may take to end on SIGTERM and on HUP.
graceful_timeout = 30
# Longer than the proxy's (60 s), which must never write into a connection that we are closing.
keepalive = 75
# Longer than any of our own lines; requests that need more are not ours.
limit_request_line = 4094
# We steer it by signals; another door would be one more to guard.
control_socket_disable = True
# The workers' sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (no file name)


class AccessLog(Logger):
    """One JSON object a request. Without the query string, which may hold what is searched for."""

    def access(self, resp, req, environ, request_time):
        if not self.access_log_enabled:
            return
        headers = {name.lower(): value for name, value in resp.headers}
        line = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": "request",
            "request_id": headers.get("x-request-id"),
            "method": environ["REQUEST_METHOD"],
            "path": environ["RAW_URI"].partition("?")[0],
            "status": resp.status_code,
            "bytes": resp.sent,
            "milliseconds": round(request_time.total_seconds() * 1000, 1),
            "ip": environ.get("REMOTE_ADDR"),
        }
        self.access_log.info(json.dumps(line, ensure_ascii=False))


logger_class = AccessLog
accesslog = "-" if _settings.LOG_LEVEL in ("DEBUG", "INFO") else None
loglevel = _settings.LOG_LEVEL.lower()


METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(server):
    # All workers count into files here. prometheus_client asks for it when a worker imports it;
    # HUP does not come by here again, so that the counters go on.
    folder = tempfile.mkdtemp(prefix=f"decisionlog-metrics-{os.getpid()}-", dir=worker_tmp_dir)
    os.chown(folder, server.cfg.uid, server.cfg.gid)
    os.environ[METRICS_FOLDER] = folder
    limits = "shared" if _shared_limits else "in memory, so one worker only"
    server.log.info("%s workers of %s threads; rate limits %s", workers, threads, limits)


def child_exit(server, worker):
    # What a dead worker counted stays; what it had in progress does not.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)
