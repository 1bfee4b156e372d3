"""`automation-cli changes`: what was changed on the ad platforms, by which rule, why, and who made it so."""

from datetime import datetime

import click

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import database_here
from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Row, output_option, show, show_one
from services.automation_cli.rule_choice import refuse_unknown, rule_option
from services.automation_cli.since import since_option
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import NotThere, UsageError
from weathertrigger.storage import accounts, history, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.history import Wished

_COLUMNS = ("id", "at", "account", "what", "from_value", "to_value", "state", "rule", "execution", "who", "why")
_LARGEST_ID = 2**63 - 1


@click.command()
@click.argument("change", required=False, type=WholeNumber(1, _LARGEST_ID))
@rule_option
@click.option(
    "--account", metavar="ID", shell_complete=completed_by(accounts.beginning_with), help="Only those of this account."
)
@click.option("--field", metavar="FIELD", help="Only those of this field: a name (daily_budget), or an id of `fields`.")
@click.option("--state", type=click.Choice([one.value for one in ChangeState]), help="Only those in this state.")
@click.option("--execution", metavar="ID", type=WholeNumber(1, _LARGEST_ID), help="Only those of this check.")
@since_option
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def changes(
    *,
    change: int | None,
    rule: str | None,
    account: str | None,
    field: str | None,
    state: str | None,
    execution: int | None,
    since: datetime | None,
    limit: int,
    output: str,
) -> None:
    """List the changes of ads, the newest first; with CHANGE, its id, everything that is known of that one.

    Money in JSON is in the platform's own unit. A change that is finished stays as it is: the database refuses to edit
    it.
    """
    wished = Wished(
        change_id=change,
        rule_id=rule,
        execution_id=execution,
        account_id=account,
        since=since,
        state=ChangeState(state) if state else None,
        field_id=int(field) if field and _is_id(field) else None,
        field=_field(field) if field and not _is_id(field) else None,
    )
    with database_here().transaction() as tx:
        _require_there(tx, wished)
        rows: list[Row] = [row._asdict() for row in history.changes(tx, wished, limit=limit)]
        refuse_unknown(tx, rule, rows)
        known = {one.id: one for one in accounts.all_accounts(tx, with_removed=True)}
    if output == "table":
        rows = [_in_words(row, known[str(row["account"])]) for row in rows]
    if change is not None:
        show_one(rows[0], output=output)
        return
    nothing = "Nothing has been changed yet." if wished == Wished() else "There is no such change."
    show(rows, output=output, columns=_COLUMNS, empty=nothing)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len(str(_LARGEST_ID))


def _field(text: str) -> FieldName:
    try:
        return FieldName(text)
    except ValueError:
        names = ", ".join(FieldName)
        raise UsageError(f"There is no field {text[:60]!r}: name one of {names}, or give an id of `fields`.") from None


def _require_there(tx: Transaction, wished: Wished) -> None:
    """
    Raises:
        NotThere: an account, a change, an execution or a field of that id is not known.
    """
    if wished.account_id and accounts.get(tx, wished.account_id) is None:
        raise NotThere(f"There is no ad account {wished.account_id!r}; `automation-cli accounts list` shows them.")
    if wished.change_id and not history.changes(tx, Wished(change_id=wished.change_id), limit=1):
        raise NotThere(f"There is no change {wished.change_id}; `automation-cli changes` lists them.")
    if wished.execution_id and history.execution(tx, wished.execution_id) is None:
        raise NotThere(f"There is no execution {wished.execution_id}; `automation-cli executions` lists them.")
    if wished.field_id is not None and not told_fields.told(tx, field_id=wished.field_id):
        raise NotThere(f"There is no field {wished.field_id}; `automation-cli fields list` shows those that there are.")


def _in_words(row: Row, account: Account) -> Row:
    """Money as people write it, when it was last, and of one that is not made yet what it waits for."""
    values = {name: value_in_words(_text(row[name]), str(row["field"]), account) for name in ("from_value", "to_value")}
    what = field_in_words(str(row["resource"]), str(row["field"]))
    if row["finished_at"] is None and row["error"] is not None:
        values["why"] = f"{row['why']} {row['error']}"
    return {**row, **values, "what": what, "at": row["finished_at"] or row["created_at"]}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
