"""`automation-cli accounts add`."""

from dataclasses import replace

import click
from marshmallow import ValidationError

from services.automation_cli.accounts.given_credentials import credentials_option, read_credentials
from services.automation_cli.accounts.known import about, lock, record
from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import say
from weathertrigger.credentials_at_rest import Keyring
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import ConstraintViolated, UsageError
from weathertrigger.outside.own_credentials import holder_of
from weathertrigger.platforms.registry import EXTERNAL_IDS, PLATFORMS
from weathertrigger.rule_files.scalars import own_id_from
from weathertrigger.storage import accounts as storage
from weathertrigger.storage import installation, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database, Transaction


@click.command()
@click.argument("account")
@click.option("--platform", required=True, type=click.Choice(sorted(PLATFORMS)), help="Where the account is.")
@click.option("--external-id", required=True, help="The platform's own id: act_123 at Meta, 1234567890 at Google.")
@click.option("--currency", required=True, help="The account's currency, as three letters: EUR.")
@click.option("--user", required=True, help="Whose account it is; only rules of this owner may name it.")
@click.option("--mode", default="live", show_default=True, type=click.Choice([mode.value for mode in Mode]))
@credentials_option
def add(
    account: str, *, platform: str, external_id: str, currency: str, user: str, mode: str, source: str | None
) -> None:
    """Add ACCOUNT: the name by which rules will call it.

    Without --credentials it is reached by those of the settings. Credentials are kept encrypted (CREDENTIALS_KEYS) and
    never shown again. An account that was removed comes back under its old name as it was known.
    """
    settings = read_cli_settings()
    new = Account(_id(account), user, platform, _external_id(platform, external_id), currency.upper(), Mode(mode))
    credentials = read_credentials(source, platform) if source is not None else None
    database = connect_database(settings)
    keyring = Keyring(settings.credentials_keys or ())
    try:
        with database.transaction() as tx:
            rules.ensure_owners(tx, [user])
            storage.add(tx, new, _encrypted(tx, new, credentials, keyring) if credentials else None)
            record(tx, "add", new.id, None, about(lock(tx, new.id)))
    except ConstraintViolated as error:
        raise ConstraintViolated(_why(error, new, database), error.constraint) from error
    say(f"Added {account}. `automation-cli accounts check {account}` tells whether it can be reached.")


def _id(account: str) -> str:
    try:
        return own_id_from(account)
    except ValidationError as error:
        raise UsageError(f"{error.messages[0]}.") from None


def _external_id(platform: str, external_id: str) -> str:
    try:
        return EXTERNAL_IDS[platform](external_id)
    except ValueError as fault:
        raise UsageError(f"--external-id {fault}.") from None


def _encrypted(tx: Transaction, new: Account, credentials: dict[str, str], keyring: Keyring) -> str:
    there = installation.get(tx)
    holder = holder_of(replace(new, outside_world=there.outside_world if there else None))
    return keyring.encrypt(holder, credentials)


def _why(error: ConstraintViolated, account: Account, database: Database) -> str:
    match error.constraint:
        case "ad_accounts_once":
            return f"The {account.platform} account {account.external_id} is known already, under another name."
        case "ad_accounts_pkey":
            return _taken(account, database)
        case "ad_accounts_currency":
            return f"{account.currency!r} is not a currency; write three letters, such as EUR."
        case _:
            return str(error)


def _taken(account: Account, database: Database) -> str:
    with database.transaction() as tx:
        there = storage.get(tx, account.id)
    if there is None or there.removed_at is None:
        return f"There is an account {account.id!r} already."
    return (
        f"{account.id!r} was the {there.platform} account {there.external_id} of {there.user_id}, whose history is "
        "kept under that name; choose another."
    )
