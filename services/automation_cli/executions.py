"""`automation-cli executions`: the checks that were made, with their verdicts in a sentence."""

import click

from services.automation_cli.connections import database_here
from services.automation_cli.output import output_option, show
from services.automation_cli.rule_choice import refuse_unknown, rule_option
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.storage import history

_COLUMNS = ("id", "rule", "trigger", "scheduled_for", "outcome", "reason")


@click.command()
@rule_option
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def executions(rule: str | None, limit: int, output: str) -> None:
    """List the checks that were made, the newest first."""
    with database_here().transaction() as tx:
        rows = [row._asdict() for row in history.executions(tx, rule_id=rule, limit=limit)]
        refuse_unknown(tx, rule, rows)
    show(rows, output=output, columns=_COLUMNS, empty="No check has been made yet.")
