"""Which field a command is about."""

import click

from services.automation_cli.whole_number import WholeNumber
from weathertrigger.errors import NotThere
from weathertrigger.storage import accounts, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.told_fields import ToldField

field_argument = click.argument("field", type=WholeNumber(1, 2**63 - 1))
"""FIELD, its number, as the parameter `field`."""


def told_field(tx: Transaction, field_id: int) -> tuple[ToldField, Account]:
    """The field and its account.

    Raises:
        NotThere: there is no such field.
    """
    found = told_fields.told(tx, field_id=field_id)
    if not found:
        raise NotThere(f"There is no field {field_id}; `automation-cli fields list` shows those that there are.")
    account = accounts.get(tx, found[0].field.account_id)
    assert account is not None  # noqa: S101 - a field has one
    return found[0], account
