"""How gunicorn serves DecisionLog: https://docs.gunicorn.org/en/stable/settings.html"""

import multiprocessing

from config import load

# `import config` would set the gunicorn setting of that name.
settings = load()

# bcrypt lets go of the interpreter while it works, so that threads keep answering during logins.
worker_class = "gthread"
threads = 8
# Limits in memory are counted per process: only a shared store allows for several.
shared_limits = not settings.RATELIMIT_STORAGE_URI.startswith("memory:")
workers = settings.WEB_CONCURRENCY or (multiprocessing.cpu_count() * 2 if shared_limits else 1)

timeout = 60
graceful_timeout = 30
keepalive = 5
# Longer than any of our own lines; requests that need more are not ours.
limit_request_line = 4094
accesslog = None
# Signals are enough to run it by; one more way in is one more to guard.
control_socket_disable = True


def on_starting(server):
    limits = "shared" if shared_limits else "in memory, so one worker only"
    server.log.info("%s workers of %s threads; rate limits %s", workers, threads, limits)
