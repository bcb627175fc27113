"""The list of commands, which loads none of them."""

import pytest

from decisionlog.cli import COMMANDS


@pytest.mark.parametrize("place", COMMANDS)
def test_each_command_of_the_list_is_there_when_it_is_called(runner, place):
    name = place.partition(".")[2]
    listed = runner.invoke(args=["--help"])
    assert f"  {name} " in listed.stdout
    told = runner.invoke(args=[name, "--help"])
    assert told.exit_code == 0
    assert told.stdout.startswith("Usage: ")
