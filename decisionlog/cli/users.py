"""`flask users`: accounts without SQL."""

from collections.abc import Callable

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from decisionlog.auth import accounts, queries
from decisionlog.cli.problems import told_plainly
from decisionlog.extensions import db
from decisionlog.vocabulary import Role

users = AppGroup("users", help="Accounts: create, list, deactivate, restore, set-role, reset-2fa.")

ROLE = click.Choice([role.value for role in Role])


@users.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=ROLE, required=True)
@click.password_option(
    help="Asked for when it is not given; on the command line others can read it."
)
@told_plainly
def create(email: str, name: str, role: str, password: str) -> None:
    """Add an account."""
    user = accounts.create(email, name, Role(role), password)
    db.session.commit()
    click.echo(f"Created {user.role} {user.email}.")


@users.command("list")
def list_users() -> None:
    """All accounts, closed ones too."""
    table = Table("e-mail", "name", "role", "2FA", "state", box=None)
    for user in queries.users():
        table.add_row(
            user.email,
            user.name,
            user.role,
            "on" if user.totp_enabled_at else "off",
            "active" if user.deleted_at is None else f"deactivated {user.deleted_at:%Y-%m-%d}",
        )
    Console().print(table)


def _on_account(verb: str, act: Callable, done: str) -> click.Command:
    @users.command(verb, help=act.__doc__.splitlines()[0] if act.__doc__ else None)
    @click.argument("email")
    @told_plainly
    def command(email: str) -> None:
        user = accounts.by_email(email)
        act(user)
        db.session.commit()
        click.echo(f"{done} {user.email}.")

    return command


_on_account("deactivate", accounts.deactivate, "Deactivated")
_on_account("restore", accounts.restore, "Restored")
_on_account("reset-2fa", accounts.reset_two_factor, "Took the second factor off")


@users.command("set-role")
@click.argument("email")
@click.argument("role", type=ROLE)
@told_plainly
def set_role(email: str, role: str) -> None:
    """Give an account another role."""
    user = accounts.by_email(email)
    accounts.set_role(user, Role(role))
    db.session.commit()
    click.echo(f"{user.email} is now {user.role}.")
