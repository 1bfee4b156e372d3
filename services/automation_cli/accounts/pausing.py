"""`automation-cli accounts pause` and `resume`: the pause of one account, as `pause --account` makes it."""

import click

from services.automation_cli.accounts.known import account_argument
from services.automation_cli.connections import database_here
from services.automation_cli.output import say
from services.automation_cli.pausing.pause import reason_from, stop
from services.automation_cli.pausing.resume import go_on
from weathertrigger.storage.pauses import Covered, Scope


@click.command()
@account_argument
@click.option("--reason", required=True, help="Why, for whoever comes to see that it is paused.")
def pause(account: str, reason: str) -> None:
    """Stop every change of ACCOUNT, as `automation-cli pause --account ACCOUNT` does, which can do more."""
    stop(database_here(), Covered(Scope.ACCOUNT, account), reason_from(reason))
    say(f"{account} is paused. `automation-cli accounts resume {account}` lets it go on.")


@click.command()
@account_argument
def resume(account: str) -> None:
    """Let ACCOUNT go on; what waited to be changed is due at once."""
    go_on(Covered(Scope.ACCOUNT, account))
