"""`automation-cli accounts list`."""

import click

from services.automation_cli.connections import database_here
from services.automation_cli.output import Row, cell, output_option, show
from weathertrigger.storage import accounts as storage
from weathertrigger.storage.accounts import Account

_COLUMNS = ("id", "owner", "platform", "external_id", "currency", "mode", "credentials", "call_limit", "paused")


@click.command("list")
@output_option
def list_accounts(output: str) -> None:
    """List the ad accounts; of credentials only whose they are and since when.

    `call limit`: calls in an hour (Meta) or in 24 hours (Google) that `accounts set-limit` allows; empty: what the
    settings say.
    """
    with database_here().transaction() as tx:
        found = storage.all_accounts(tx)
    rows = [_row(one, output) for one in found]
    show(rows, output=output, columns=_COLUMNS, empty="There are no ad accounts; add one with `accounts add`.")


def _row(account: Account, output: str) -> Row:
    own = account.credentials
    since = f"own, since {cell(own.set_at)}" if own else "of the settings"
    return {
        "id": account.id,
        "owner": account.user_id,
        "platform": account.platform,
        "external_id": account.external_id,
        "currency": account.currency,
        "mode": account.mode.value,
        "credentials": since if output == "table" else "own" if own else "settings",
        "credentials_set_at": own.set_at if own else None,
        "call_limit": account.call_limit,
        "paused": account.paused_reason,
    }
