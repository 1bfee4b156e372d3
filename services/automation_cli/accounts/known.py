"""Which account a command is about, and what is kept of who did what to it."""

from collections.abc import Mapping

import click

from services.automation_cli import by_whom
from services.automation_cli.completing import completed_by
from weathertrigger.errors import NotThere
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Transaction

account_argument = click.argument("account", shell_complete=completed_by(accounts.beginning_with))
"""ACCOUNT, as the parameter `account`."""

several_accounts_argument = click.argument(
    "account_ids", metavar="[ACCOUNT]...", nargs=-1, shell_complete=completed_by(accounts.beginning_with)
)
"""Any number of them, as the parameter `account_ids`."""


def lock(tx: Transaction, account_id: str) -> Account:
    """The account, nobody else's to change until the end of the transaction.

    Raises:
        NotThere: there is none, or it was removed.
    """
    found = accounts.lock(tx, account_id)
    if found is None:
        raise unknown(account_id)
    return found


def unknown(account_id: str) -> NotThere:
    """That there is no such account."""
    return NotThere(
        f"There is no ad account {account_id!r}; `automation-cli accounts list` shows those that there are."
    )


def record(
    tx: Transaction, what: str, account_id: str, before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> None:
    """Keeps who did what, in the transaction of the deed. Before and after must not hold a secret."""
    by_whom.record(tx, f"accounts {what}", f"account {account_id}", before, after)


def about(account: Account) -> dict[str, object]:
    """What the audit log says of an account; of its credentials only when they were set."""
    return {
        "owner": account.user_id,
        "platform": account.platform,
        "external_id": account.external_id,
        "currency": account.currency,
        "mode": account.mode.value,
        "paused": account.paused_reason,
        "call_limit": account.call_limit,
        "credentials_set_at": account.credentials.set_at if account.credentials else None,
    }
