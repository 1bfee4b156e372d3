"""`automation-cli accounts set-credentials`."""

import click

from services.automation_cli.accounts.given_credentials import read_credentials, required_credentials_option
from services.automation_cli.accounts.known import about, account_argument, lock, record, unknown
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from weathertrigger.credentials_at_rest import Keyring
from weathertrigger.doorbells import ring_accounts
from weathertrigger.outside.own_credentials import holder_of
from weathertrigger.storage import accounts as storage
from weathertrigger.storage import pauses
from weathertrigger.storage.database import Database
from weathertrigger.storage.pauses import Covered, Scope


@click.command("set-credentials")
@account_argument
@required_credentials_option
def set_credentials(account: str, source: str) -> None:
    """Give ACCOUNT credentials of its own, in the place of those that it had.

    They are kept encrypted (CREDENTIALS_KEYS) and never shown again; workers use them from their next look at the
    account on. A paused account stays paused.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    platform = _platform_of(database, account)
    credentials = read_credentials(source, platform)
    keyring = Keyring(settings.credentials_keys or ())
    with database.transaction() as tx:
        locked = lock(tx, account)
        storage.set_credentials(tx, account, keyring.encrypt(holder_of(locked), credentials))
        pauses.bring_forward(tx, Covered(Scope.ACCOUNT, account))
        record(tx, "set-credentials", account, about(locked), about(lock(tx, account)))
    if locked.paused_reason is not None:
        say(f"The credentials of {account} are set. It is paused ({locked.paused_reason}): check it, then resume it.")
        return
    say(f"The credentials of {account} are set. `automation-cli accounts check {account}` tells whether they work.")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], {account: platform})


def _platform_of(database: Database, account_id: str) -> str:
    with database.transaction() as tx:
        found = storage.get(tx, account_id)
    if found is None or found.removed_at is not None:
        raise unknown(account_id)
    return found.platform
