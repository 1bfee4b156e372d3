"""`automation-cli accounts check`."""

from collections.abc import Sequence

import click

from services.automation_cli.accounts.known import several_accounts_argument, unknown
from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import Row, output_option, show
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.refusals import Faulty
from weathertrigger.errors import AccountOff, ServiceError
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.ads import account_looks
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.account_look import AccountLook, AccountShown
from weathertrigger.platforms.port import AdAccount
from weathertrigger.storage import accounts as storage
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

_COLUMNS = ("account", "verdict", "found", "name", "currency", "status")


@click.command()
@several_accounts_argument
@output_option
def check(account_ids: Sequence[str], output: str) -> None:
    """Look at each ACCOUNT (none named: at all) with its credentials: one read that changes nothing.

    Says whether it can be reached, whether its currency is the one that is known here and whether its ads can run; with
    anything wrong the exit code is 6. A paused account is looked at too.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    looks = account_looks(settings)
    admissions = connect_ad_gates(settings, database)
    rows = [_row(account, looks, admissions) for account in _chosen(database, account_ids)]
    show(rows, output=output, columns=_COLUMNS, empty="There are no ad accounts; add one with `accounts add`.")
    bad = [str(row["account"]) for row in rows if row["verdict"] == "bad"]
    if bad:
        raise Faulty(f"{len(bad)} of {len(rows)} account(s) are not well: {', '.join(bad)}.")


def _chosen(database: Database, account_ids: Sequence[str]) -> list[Account]:
    with database.transaction() as tx:
        known = {one.id: one for one in storage.all_accounts(tx)}
    for account_id in account_ids:
        if account_id not in known:
            raise unknown(account_id)
    return [known[account_id] for account_id in dict.fromkeys(account_ids or known)]


def _row(account: Account, looks: ByAccount[AccountLook], admissions: Admissions) -> Row:
    shown: AccountShown | None = None
    try:
        look = looks.of(account)
        with admissions.admit(account, urgent=True)(1):
            shown = look.at(AdAccount(account.id, account.external_id, account.currency))
    except (AccountOff, ServiceError) as error:
        wrong: str | None = str(error)
    else:
        wrong = _what_is_wrong(account, shown)
    paused = f" It is paused here: {account.paused_reason}" if account.paused_reason else ""
    return {
        "account": account.id,
        "verdict": "bad" if wrong else "ok",
        "found": (wrong or "It can be reached, and is as it is known here.") + paused,
        "name": shown and shown.name,
        "currency": shown and shown.currency,
        "status": shown and shown.status,
    }


def _what_is_wrong(account: Account, shown: AccountShown) -> str | None:
    """One sentence, if there is anything to say."""
    said = []
    if shown.currency != account.currency:
        said.append(f"its currency is {shown.currency} there and {account.currency} here")
    if not shown.is_well:
        said.append(f"its status is {shown.status}, so that its ads do not run")
    return f"It can be reached, but {' and '.join(said)}." if said else None
