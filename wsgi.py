import gc

from decisionlog import create_app

# What a start makes is there to stay: to look for garbage in it would only take time, now and while
# requests are answered (docs/performance.md).
gc.disable()
app = create_app()
gc.freeze()
gc.enable()
