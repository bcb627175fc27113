"""A mail server on loopback for the tests, which keeps what it gets."""

import contextlib
import email
import socket

from aiosmtpd.controller import Controller


class Mailbox:
    """`got` holds pairs of recipients and message; the next `refusals` messages are put off.
    `settings` lead to it."""

    def __init__(self, port):
        self.got, self.refusals = [], 0
        self.settings = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": port,
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "log@example.com",
        }

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        if self.refusals:
            self.refusals -= 1
            return "451 try again"
        self.got.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        return "250 OK"


@contextlib.contextmanager
def serving():
    """A mailbox, while it is open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mailbox = Mailbox(port)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
