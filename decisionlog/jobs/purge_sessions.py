"""Sessions and revocations that outlived every token they speak of."""

from flask import Flask

from decisionlog.auth import sessions
from decisionlog.extensions import db


def run(app: Flask) -> int:
    """Delete them, also when other workers do. Returns how many sessions there were."""
    with app.app_context():
        purged = sessions.purge()
        db.session.commit()
    return purged
