import click
from flask import current_app

from decisionlog.jobs import worker as jobs_worker


@click.command()
@click.option("--threads", default=1, show_default=True, help="transcripts worked on at once")
def worker(threads: int) -> None:
    """Extract decisions from the transcripts that come in, until SIGTERM."""
    # huey works in threads of its own, which push the application's context themselves.
    app = current_app._get_current_object()
    jobs_worker.run(app, threads)
