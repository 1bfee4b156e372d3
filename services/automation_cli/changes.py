"""`automation-cli changes`: what was changed on the ad platforms, by which rule, and why."""

import click

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import Row, output_option, show
from services.automation_cli.rule_choice import refuse_unknown, rule_option
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.registry import MONEY
from weathertrigger.storage import accounts, history
from weathertrigger.storage.accounts import Account

_COLUMNS = ("id", "finished_at", "account", "resource", "field", "from_value", "to_value", "state", "rule", "why")


@click.command()
@rule_option
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def changes(rule: str | None, limit: int, output: str) -> None:
    """List the changes of ads, the newest first; money in JSON is in the platform's own unit."""
    settings = read_cli_settings()
    with connect_database(settings).transaction() as tx:
        rows: list[Row] = [row._asdict() for row in history.changes(tx, rule_id=rule, limit=limit)]
        refuse_unknown(tx, rule, rows)
        known = {account.id: account for account in accounts.all_accounts(tx, with_removed=True)}
    if output == "table":
        rows = [_with_what_it_waits_for(_with_money(row, known[str(row["account"])])) for row in rows]
    show(rows, output=output, columns=_COLUMNS, empty="Nothing has been changed yet.")


def _with_what_it_waits_for(row: Row) -> Row:
    """Of a change that is not made yet; JSON has it as `error`."""
    if row["finished_at"] is not None or row["error"] is None:
        return row
    return {**row, "why": f"{row['why']} {row['error']}"}


def _with_money(row: Row, account: Account) -> Row:
    """Money as people write it."""
    if not FieldName(str(row["field"])).is_money:
        return row
    money = MONEY[account.platform]
    values = {name: row[name] for name in ("from_value", "to_value") if row[name] is not None}
    return {**row, **{name: money.decode(str(value), account.currency) for name, value in values.items()}}
