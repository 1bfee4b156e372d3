"""`automation-cli accounts pause` and `resume`."""

import click

from services.automation_cli.accounts.known import account_argument, lock, record
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from services.automation_cli.refusals import PausedOrNot
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import UsageError
from weathertrigger.storage import accounts as storage


@click.command()
@account_argument
@click.option("--reason", required=True, help="Why, for whoever comes to see that it is paused.")
def pause(account: str, reason: str) -> None:
    """Stop every change of ACCOUNT. A call that is on its way comes to its end; what waits goes on waiting."""
    why = reason.strip()
    if not why or not why.isprintable():
        raise UsageError("A reason is a line of text.")
    with connect_database(read_cli_settings()).transaction() as tx:
        locked = lock(tx, account)
        if not storage.pause(tx, account, why):
            raise PausedOrNot(f"{account} is paused already: {locked.paused_reason}")
        record(tx, "pause", account, {"paused": None}, {"paused": why})
    say(f"{account} is paused. `automation-cli accounts resume {account}` lets it go on.")


@click.command()
@account_argument
def resume(account: str) -> None:
    """Let ACCOUNT go on; what waited to be changed is due at once."""
    settings = read_cli_settings()
    with connect_database(settings).transaction() as tx:
        locked = lock(tx, account)
        if not storage.resume(tx, account):
            raise PausedOrNot(f"{account} is not paused.")
        record(tx, "resume", account, {"paused": locked.paused_reason}, {"paused": None})
    say(f"{account} goes on.")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], {account: locked.platform})
