"""The product's errors as one line and exit status 1."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from decisionlog.errors import Problem
from decisionlog.extraction.drafts import ExtractionError
from decisionlog.transcripts import UnreadableTranscript


def told_plainly(command: Callable) -> Callable:
    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem
        except (ExtractionError, UnreadableTranscript) as error:
            raise click.ClickException(str(error)) from error

    return guarded
