"""Mail, over SMTP."""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

TIMEOUT_SECONDS = 30


def send(settings: Mapping[str, Any], to: str, subject: str, text: str) -> None:
    """Hand one plain message to the mail server of the settings.

    Raises OSError (of which smtplib's errors are) where the server did not take it.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings["MAIL_FROM"], to, subject
    message["Message-ID"] = make_msgid(domain=settings["MAIL_FROM"].rpartition("@")[2])
    message.set_content(text)
    with _signed_in(settings) as server:
        server.send_message(message)


def greet(settings: Mapping[str, Any]) -> None:
    """Sign in to the mail server of the settings, and leave. Raises OSError as `send` does."""
    with _signed_in(settings) as server:
        server.noop()


@contextmanager
def _signed_in(settings: Mapping[str, Any]) -> Iterator[smtplib.SMTP]:
    with _connect(settings) as server:
        if settings["SMTP_USERNAME"]:
            server.login(settings["SMTP_USERNAME"], settings["SMTP_PASSWORD"])
        yield server


def _connect(settings: Mapping[str, Any]) -> smtplib.SMTP:
    place = settings["SMTP_HOST"], settings["SMTP_PORT"]
    if settings["SMTP_SECURITY"] == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(*place, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(*place, timeout=TIMEOUT_SECONDS)
    if settings["SMTP_SECURITY"] == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server
