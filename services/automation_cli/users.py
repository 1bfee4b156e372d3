"""`automation-cli users`: who owns rules and ad accounts."""

import click
from marshmallow import ValidationError

from services.automation_cli.by_whom import record
from services.automation_cli.command_group import CommandGroup
from services.automation_cli.connections import database_here
from services.automation_cli.output import output_option, say, show
from weathertrigger.errors import ConstraintViolated, UsageError
from weathertrigger.rule_files.scalars import own_id_from
from weathertrigger.storage import users as storage

_COLUMNS = ("id", "rules", "accounts", "created_at")


@click.group(cls=CommandGroup)
def users() -> None:
    """Users, the owners of rules and ad accounts: add, list."""


@users.command()
@click.argument("user")
def add(user: str) -> None:
    """Add USER: the name that rules files give as their owner.

    Letters, digits, '.', '_' and '-', at most 100. `apply` and `accounts add` add a user who is new by themselves.
    """
    try:
        user_id = own_id_from(user)
    except ValidationError as error:
        raise UsageError(f"{error.messages[0]}.") from None
    try:
        with database_here().transaction() as tx:
            storage.add(tx, user_id)
            record(tx, "users add", f"user {user_id}", None, {"id": user_id})
    except ConstraintViolated as error:
        raise ConstraintViolated(f"There is a user {user_id!r} already.", error.constraint) from error
    say(f"Added {user_id}.")


@users.command("list")
@output_option
def list_users(output: str) -> None:
    """List the users, with the number of rules and of ad accounts of each."""
    with database_here().transaction() as tx:
        rows = [row._asdict() for row in storage.listed(tx)]
    show(rows, output=output, columns=_COLUMNS, empty="There are no users; add one with `users add USER`.")
