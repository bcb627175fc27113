"""The commands of `flask`. A module holds one, or one group, and is loaded when it is called."""

from importlib import import_module
from typing import Any

import click
from flask import Flask

# What the list of commands says of each; `flask COMMAND --help` asks the command itself.
COMMANDS = {
    "backup.backup": "Copy the database to a file, while it is in use.",
    "backup.restore": "Fill an empty database from a backup.",
    "demo.demo": "Show the main job on a sample meeting, then serve (DEMO_MODE=true only).",
    "doctor.doctor": "Check every setting and connection.",
    "extract.extract": "Extract the decisions of one file, without a database.",
    "search.search": "The word index: rebuild.",
    "seed.seed": "Fill the database with demo data (DEMO_MODE=true only).",
    "transcripts.transcripts": "Transcripts: import, list, reprocess.",
    "users.users": "Accounts: create, list, deactivate, restore, set-role, reset-2fa.",
    "worker.worker": "Extract decisions from the transcripts that come in, until SIGTERM.",
}


class OnDemand(click.Command):
    """Stands for the command at a place like `backup.restore`: a module here and a name in it."""

    def __init__(self, place: str, short_help: str):
        self._module, name = place.split(".")
        super().__init__(name, short_help=short_help)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        command = getattr(import_module(f"{__name__}.{self._module}"), self.name)
        return command.make_context(*args, **kwargs)


def init_app(app: Flask) -> None:
    for place, short_help in COMMANDS.items():
        app.cli.add_command(OnDemand(place, short_help))
