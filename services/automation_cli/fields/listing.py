"""`automation-cli fields list`."""

import click

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import database_here
from services.automation_cli.fields.told import row_of
from services.automation_cli.output import output_option, show
from services.automation_cli.rule_choice import rule_option
from services.automation_cli.watching import watch_option
from weathertrigger.domain.change import FieldState
from weathertrigger.errors import NotThere
from weathertrigger.storage import accounts, rules, told_fields
from weathertrigger.storage.pauses import Covered, Scope

_COLUMNS = ("id", "account", "what", "state", "rule", "baseline", "confirmed", "wanted", "next_look", "note")


@click.command("list")
@click.option(
    "--account", metavar="ID", shell_complete=completed_by(accounts.beginning_with), help="Only of this account."
)
@click.option("--state", type=click.Choice([one.value for one in FieldState]), help="Only those in this state.")
@rule_option
@watch_option
@output_option
def list_fields(*, account: str | None, state: str | None, rule: str | None, output: str) -> None:
    """List the fields that rules have ever named: what each was before, what it is by our last word, what is wanted.

    `baseline` is what comes back at the end and what percentages count from, `confirmed` what the platform last said.
    In JSON money is in the platform's own unit.
    """
    with database_here().transaction() as tx:
        known = {one.id: one for one in accounts.all_accounts(tx, with_removed=True)}
        if account is not None and account not in known:
            raise NotThere(f"There is no ad account {account!r}; `automation-cli accounts list` shows them.")
        if rule is not None and rules.get(tx, rule) is None:
            raise NotThere(f"There is no rule {rule!r}; `automation-cli rules` lists them.")
        told = told_fields.told(
            tx,
            Covered(Scope.RULE, rule) if rule is not None else None,
            account_id=account,
            state=FieldState(state) if state else None,
        )
    rows = [row_of(one, known[one.field.account_id], output) for one in told]
    show(rows, output=output, columns=_COLUMNS, empty="There is no such field.")
