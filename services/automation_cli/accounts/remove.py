"""`automation-cli accounts remove`."""

from collections.abc import Sequence

import click

from services.automation_cli.accounts.known import about, account_argument, lock, record
from services.automation_cli.asking import ask, yes_option
from services.automation_cli.connections import database_here
from services.automation_cli.field_values import value_in_words
from services.automation_cli.output import say
from services.automation_cli.refusals import AccountInUse
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage import accounts as storage
from weathertrigger.storage import incidents, rule_targets, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.incidents import IncidentKind


@click.command()
@account_argument
@click.option("--leave", is_flag=True, help="Also while something is not put back: it stays as it is.")
@yes_option
def remove(account: str, *, leave: bool, yes: bool) -> None:
    """Erase the credentials of ACCOUNT and hide it; its history stays.

    Refused (exit code 5) while an enabled rule targets it or one of its fields is not put back. With --leave raised
    budgets stay as they are on the platform, and are listed with what they were before, to be put back by hand. The
    same account may be added anew, under its old name or another.
    """
    database = database_here()
    if not yes:
        with database.transaction() as tx:
            found, left = _removable(tx, account, leave=leave)
        what = f"{found.platform} account {found.external_id}"
        ask(f"{_said(left, found)}Remove {account} ({what}) and erase its credentials?", yes=yes)
    with database.transaction() as tx:
        rules.wait_for_turn(tx)  # so that no rules file comes to target it meanwhile
        found, left = _removable(tx, account, leave=leave)
        if left:
            rule_targets.end_retiring(tx, storage.leave_fields(tx, account))
        storage.remove(tx, account)
        incidents.end(tx, IncidentKind.CREDENTIALS_UNREADABLE, account, f"The ad account {account} was removed.")
        record(
            tx,
            "remove",
            account,
            {**about(found), **({"left": [_field(one, found) for one in left]} if left else {})},
            None,
        )
    say(f"{_said(left, found)}Removed {account}.")


def _said(left: Sequence[Row], account: Account) -> str:
    return f"This stays as it is: {_fields(left, account)}. " if left else ""


def _removable(tx: Transaction, account_id: str, *, leave: bool) -> tuple[Account, list[Row]]:
    """The account, locked, with what is not put back.

    Raises:
        AccountInUse: with the rules and the fields that are in the way.
    """
    found = lock(tx, account_id)
    targeting, open_fields = storage.rules_on(tx, account_id), storage.unsettled(tx, account_id)
    if targeting:
        raise AccountInUse(
            f"Enabled rules target {account_id}: {', '.join(targeting)}. Disable them or take the targets out first."
        )
    if open_fields and not leave:
        raise AccountInUse(
            f"Not everything on {account_id} is put back yet: {_fields(open_fields, found)}. Wait until it is; "
            "what is paused or held waits for you; --leave leaves it as it is."
        )
    return found, open_fields


def _fields(rows: Sequence[Row], account: Account) -> str:
    return ", ".join(_field(one, account) for one in rows)


def _field(row: Row, account: Account) -> str:
    before = f", {value_in_words(row.baseline, row.field, account)} before" if row.baseline is not None else ""
    return f"{row.field.replace('_', ' ')} of {in_words(row.resource)} ({row.state}{before})"
