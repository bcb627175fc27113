"""The short form of `python -m tests.e2e.chaos`, for CI."""

import os

import click
import pytest

from tests.e2e import chaos


@pytest.mark.chaos
def test_random_kills_lose_and_double_nothing(capsys):
    postgres = os.environ.get("TEST_DATABASE_URL")
    workers = 3 if postgres else 1
    calm = chaos.run(40, workers, postgres, faults=0, kill_every=0, seed=7)
    stormy = chaos.run(40, workers, postgres, faults=0.3, kill_every=2, seed=7)
    with capsys.disabled():
        click.echo("\n" + chaos.figures("calm", calm))
        click.echo(chaos.figures("stormy", stormy))
    assert stormy.kills.total() > 0
    chaos.compare(calm, stormy)
