"""How gunicorn serves DecisionLog: https://docs.gunicorn.org/en/stable/settings.html"""

import multiprocessing

# gunicorn reads every plain name in this file as a setting of its own, `config` among them.
import config as _configuration

_settings = _configuration.load()

# bcrypt lets go of the interpreter while it works, so that threads keep answering during logins.
worker_class = "gthread"
threads = 8
# Limits in memory are counted per process: only a shared store allows for several.
_shared_limits = not _settings.RATELIMIT_STORAGE_URI.startswith("memory:")
workers = _settings.WEB_CONCURRENCY or (multiprocessing.cpu_count() * 2 if _shared_limits else 1)

timeout = 60
graceful_timeout = 30
keepalive = 5
# Longer than any of our own lines; requests that need more are not ours.
limit_request_line = 4094
accesslog = None


def on_starting(server):
    limits = "shared" if _shared_limits else "in memory, so one worker only"
    server.log.info("%s workers of %s threads; rate limits %s", workers, threads, limits)
