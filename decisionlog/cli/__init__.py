"""The commands of `flask`. A module holds one, or one group."""

from flask import Flask

from decisionlog.cli import (
    backup,
    demo,
    doctor,
    extract,
    search,
    seed,
    transcripts,
    users,
    worker,
)


def init_app(app: Flask) -> None:
    app.cli.add_command(backup.backup)
    app.cli.add_command(backup.restore)
    app.cli.add_command(demo.demo)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(extract.extract)
    app.cli.add_command(search.search)
    app.cli.add_command(seed.seed)
    app.cli.add_command(transcripts.transcripts)
    app.cli.add_command(users.users)
    app.cli.add_command(worker.worker)
