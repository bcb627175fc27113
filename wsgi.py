import gc

from decisionlog import create_app

# What a start makes is there to stay. To look for garbage in it would take a tenth of the time,
# and again and again while requests are answered.
gc.disable()
app = create_app()
gc.freeze()
gc.enable()
