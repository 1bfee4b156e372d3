"""`automation-cli undo EXECUTION`: puts back what a check has changed (semantics 29)."""

from collections.abc import Mapping, Sequence

import click

from services.automation_cli.asking import ask, yes_option
from services.automation_cli.by_whom import who
from services.automation_cli.carried_out import show_carried_out
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.direct import DIRECTLY, act_directly
from services.automation_cli.field_values import field_in_words, value_in_words
from services.automation_cli.output import Part, Row, cell, output_option, show_parts
from services.automation_cli.outside_world import connect_ad_gates
from services.automation_cli.refusals import Drifted, Faulty, NothingToUndo
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.domain.change import AdField
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import NotThere
from weathertrigger.operations import field_orders
from weathertrigger.operations.field_orders import Restorable
from weathertrigger.operations.look_at_fields import Look, look_at_fields
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.storage import accounts, fields, history
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Row as Stored

_COLUMNS = ("field_id", "account", "what", "before", "made_it", "shown", "verdict")


@click.command()
@click.argument("execution", type=WholeNumber(1, 2**63 - 1))
@click.option("--force", is_flag=True, help="Also where the value has been changed since.")
@click.option("--direct", is_flag=True, help="Make the calls from here, without Redis and workers.")
@yes_option
@output_option
def undo(execution: int, output: str, *, force: bool, direct: bool, yes: bool) -> None:
    """Put back what the check EXECUTION has changed, by its number in `executions` or under `execution` in `changes`.

    Each field goes back to its value of before if it still has the one that the check gave it; otherwise they are
    listed and nothing is done (exit code 5), unless --force is given. Shows first what would be put back, and asks. A
    field that was put back is held: the rule, though it still fires, leaves it alone until its verdict changes or
    `fields release` gives it back.
    """
    settings = read_cli_settings()
    database = connect_database(settings)
    with database.transaction() as tx:
        check = history.execution(tx, execution)
        if check is None:
            raise NotThere(f"There is no execution {execution}; `automation-cli executions` lists them.")
        changed = field_orders.restorable(tx, execution)
        stored = {field.id: field for field in fields.of_ids(tx, [one.field_id for one in changed])}
        known = {one.id: one for one in accounts.all_accounts(tx, with_removed=True)}
    if not changed:
        raise NothingToUndo(f"Check {execution} of rule {check.rule} has changed nothing.")
    looks = look_at_fields(
        [stored[one.field_id] for one in changed], known, ad_platforms(settings), connect_ad_gates(settings, database)
    )
    rows = [_row(one, look, known, output) for one, look in zip(changed, looks, strict=True)]
    chosen = _chosen(check, changed, rows, output, force=force)
    if not yes and output == "table":
        show_parts([], [Part(rows, _COLUMNS)], output=output)
    ask(_question(check, len(chosen)), yes=yes)
    seen = {look.field.id: (look.field, look.observed.value) for look in looks if look.observed}
    moved = database.run(lambda tx: field_orders.undo(tx, check, chosen, seen, who()))
    if moved:
        raise Drifted(f"{len(moved)} field(s) were decided anew meanwhile; nothing was undone. Look again.")
    concerned = {account_id: known[account_id].platform for account_id in _accounts_of(chosen, stored)}
    if direct:
        act_directly(concerned)
    else:
        with ringing(otherwise=DIRECTLY):
            ring_accounts(connect_schedule(settings)[1], concerned)
    show_carried_out(database, [one.field_id for one in chosen], output=output, otherwise=DIRECTLY)


def _row(one: Restorable, look: Look, known: Mapping[str, Account], output: str) -> Row:
    carrier, account = look.field.carrier, known[look.field.account_id]
    seen = look.observed.value if look.observed else None
    values = {"before": one.before, "made_it": one.after, "shown": seen}
    if output == "table":
        values = {name: value_in_words(value, carrier.field, account) or "" for name, value in values.items()}
    return {
        "field_id": one.field_id,
        "account": account.id,
        "what": field_in_words(carrier.resource, carrier.field),
        **values,
        "verdict": look.why or {one.after: "is ours", one.before: "is as before"}.get(seen or "", "was changed since"),
        "is_ours": seen == one.after,
        "is_as_before": seen == one.before,
    }


def _chosen(
    check: Stored, changed: Sequence[Restorable], rows: Sequence[Row], output: str, *, force: bool
) -> list[Restorable]:
    """What is to be put back.

    Raises:
        Faulty: a field cannot be read.
        Drifted: a field has neither the value of the check nor that of before.
        NothingToUndo: every field is as before.
    """
    unread = [row for row in rows if row["shown"] is None or row["shown"] == ""]
    drifted = [row for row in rows if not row["is_ours"] and not row["is_as_before"]]
    if unread or (drifted and not force):
        show_parts(list(rows), [Part(rows, _COLUMNS)], output=output)
    if unread:
        raise Faulty(f"{len(unread)} of {len(rows)} field(s) cannot be read; nothing was undone.")
    if drifted and not force:
        raise Drifted(f"{len(drifted)} of {len(rows)} field(s) were changed since; nothing was undone without --force.")
    chosen = [one for one, row in zip(changed, rows, strict=True) if not row["is_as_before"]]
    if not chosen:
        raise NothingToUndo(f"Everything that check {check.id} of rule {check.rule} has changed is as it was before.")
    return chosen


def _question(check: Stored, number: int) -> str:
    fields = "1 field" if number == 1 else f"{number} fields"
    return f"Check {check.id} of rule {check.rule}, {cell(check.executed_at)} UTC: put {fields} back to `before`?"


def _accounts_of(chosen: Sequence[Restorable], stored: Mapping[int, AdField]) -> list[str]:
    return sorted({stored[one.field_id].account_id for one in chosen})
