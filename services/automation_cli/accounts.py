"""`automation-cli accounts`: the ad accounts that rules may name."""

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import output_option, say, show
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import ConstraintViolated
from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.storage import accounts as storage
from weathertrigger.storage import rules

_COLUMNS = ("id", "owner", "platform", "external_id", "currency", "mode", "paused")


@click.group()
def accounts() -> None:
    """Ad accounts: add, list."""


@accounts.command()
@click.argument("account")
@click.option("--platform", required=True, type=click.Choice(sorted(PLATFORMS)), help="Where the account is.")
@click.option("--external-id", required=True, help="The platform's own id: act_123 at Meta, 1234567890 at Google.")
@click.option("--currency", required=True, help="The account's currency, as three letters: EUR.")
@click.option("--user", required=True, help="Whose account it is; only rules of this owner may name it.")
@click.option("--mode", default="live", show_default=True, type=click.Choice([mode.value for mode in Mode]))
def add(account: str, *, platform: str, external_id: str, currency: str, user: str, mode: str) -> None:
    """Add ACCOUNT: the name by which rules will call it."""
    new = storage.Account(account, user, platform, external_id, currency.upper(), Mode(mode))
    try:
        with connect_database(read_cli_settings()).transaction() as tx:
            rules.ensure_owners(tx, [user])
            storage.add(tx, new)
    except ConstraintViolated as error:
        raise ConstraintViolated(_why(error, new), error.constraint) from error
    say(f"Added {account}.")


@accounts.command("list")
@output_option
def list_accounts(output: str) -> None:
    """List the ad accounts."""
    with connect_database(read_cli_settings()).transaction() as tx:
        found = storage.all_accounts(tx)
    rows = [
        {
            "id": one.id,
            "owner": one.user_id,
            "platform": one.platform,
            "external_id": one.external_id,
            "currency": one.currency,
            "mode": one.mode.value,
            "paused": one.paused_reason,
        }
        for one in found
    ]
    show(rows, output=output, columns=_COLUMNS, empty="There are no ad accounts; add one with `accounts add`.")


def _why(error: ConstraintViolated, account: storage.Account) -> str:
    match error.constraint:
        case "ad_accounts_once":
            return f"The {account.platform} account {account.external_id} is known already, under another name."
        case "ad_accounts_pkey":
            return f"There is an account {account.id!r} already."
        case "ad_accounts_currency":
            return f"{account.currency!r} is not a currency; write three letters, such as EUR."
        case _:
            return str(error)
