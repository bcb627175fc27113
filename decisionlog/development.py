"""What development makes for itself."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from decisionlog.production import SECRETS

if TYPE_CHECKING:
    from config import Settings


def with_secrets(settings: Settings, folder: Path) -> Settings:
    """The settings with the secrets that they lack: made once, each in a file of its own."""
    fields = type(settings).model_fields
    missing = [name for name in SECRETS if getattr(settings, name) == fields[name].default]
    return settings.model_copy(
        update={name: (_kept_secret(folder / name.lower()),) for name in missing}
    )


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        # Several processes may start at once: a hard link appears whole or not at all, and the
        # second one to try reads what the first one made.
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as fresh:
            fresh.write(secrets.token_urlsafe(48))
            fresh.flush()
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, path)
    return path.read_text()
