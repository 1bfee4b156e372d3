"""`automation-cli accounts new-key` and `rotate-keys`."""

from functools import partial

import click

from services.automation_cli.accounts.known import record
from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import say
from services.automation_cli.refusals import Faulty
from weathertrigger import credentials_at_rest
from weathertrigger.credentials_at_rest import Keyring
from weathertrigger.errors import AccountOff
from weathertrigger.outside.own_credentials import holder_of
from weathertrigger.storage import accounts as storage
from weathertrigger.storage.database import Transaction


@click.command("new-key")
def new_key() -> None:
    """Print a fresh key for CREDENTIALS_KEYS on standard output. It is kept nowhere."""
    click.echo(credentials_at_rest.new_key())
    say(
        "Put it into CREDENTIALS_KEYS wherever commands and ad-action run, before the keys that are there, and keep it "
        "as safe as the credentials. With other keys there, `automation-cli accounts rotate-keys` comes next."
    )


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Encrypt the credentials of every account anew, with the first key of CREDENTIALS_KEYS.

    One transaction for each account, beside the work of everybody else. When all are done the other keys may be taken
    out of the setting. What no key opens is left as it is and named; then the exit code is 6.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    keyring = Keyring(settings.credentials_keys or ())
    with database.transaction() as tx:
        with_own = [one.id for one in storage.all_accounts(tx) if one.credentials is not None]
    done, faults = 0, []
    for account_id in with_own:
        try:
            done += database.run(partial(_encrypt_anew, account_id=account_id, keyring=keyring))
        except AccountOff as unreadable:
            faults.append(str(unreadable))
    say(f"{done} account(s) are under the first key.")
    if faults:
        raise Faulty(f"{len(faults)} account(s) are left as they were. {' '.join(faults)}")


def _encrypt_anew(tx: Transaction, *, account_id: str, keyring: Keyring) -> int:
    """How many were: one, or none where the account was removed meanwhile."""
    account = storage.lock(tx, account_id)
    if account is None or account.credentials is None:
        return 0
    holder = holder_of(account)
    credentials = keyring.decrypt(holder, account.credentials.text)
    storage.encrypt_anew(tx, account_id, keyring.encrypt(holder, credentials))
    record(tx, "rotate-keys", account_id, None, None)
    return 1
