"""`automation-cli accounts`: the group of its commands."""

import click

from services.automation_cli.accounts.add import add
from services.automation_cli.accounts.cap import cap
from services.automation_cli.accounts.check import check
from services.automation_cli.accounts.keys import new_key, rotate_keys
from services.automation_cli.accounts.listing import list_accounts
from services.automation_cli.accounts.pausing import pause, resume
from services.automation_cli.accounts.remove import remove
from services.automation_cli.accounts.set_credentials import set_credentials
from services.automation_cli.accounts.set_limit import set_limit
from services.automation_cli.command_group import CommandGroup


@click.group(cls=CommandGroup)
def accounts() -> None:
    """Ad accounts: add, set-credentials, set-limit, cap, list, check, pause, resume, remove; keys of credentials."""


for _command in (
    add,
    set_credentials,
    set_limit,
    cap,
    list_accounts,
    check,
    pause,
    resume,
    remove,
    new_key,
    rotate_keys,
):
    accounts.add_command(_command)
