"""`automation-cli pauses`: what is paused, by whom and why."""

import click

from services.automation_cli.connections import database_here
from services.automation_cli.output import output_option, show
from services.automation_cli.watching import watch_option
from weathertrigger.storage import pauses as storage

_COLUMNS = ("scope", "subject", "since", "who", "reverts", "reason")


@click.command()
@watch_option
@output_option
def pauses(output: str) -> None:
    """List what is paused: since when, by whom and why, and whether what no rule wants any more is still put back."""
    with database_here().transaction() as tx:
        found = storage.listed(tx)
    rows = [
        {
            "scope": one.covered.scope.value,
            "subject": one.covered.subject or None,
            "since": one.since,
            "who": one.who,
            "reverts": one.reverts,
            "reason": one.reason,
        }
        for one in found
    ]
    show(rows, output=output, columns=_COLUMNS, empty="Nothing is paused.")
