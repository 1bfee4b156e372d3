"""`automation-cli fields show FIELD`."""

from collections.abc import Sequence
from typing import Any as Json  # canonical JSON of what a rule sets

import click
import orjson

from services.automation_cli.connections import database_here
from services.automation_cli.field_values import value_in_words
from services.automation_cli.fields.chosen import field_argument, told_field
from services.automation_cli.fields.told import row_of
from services.automation_cli.output import Part, Row, output_option, show_one, show_parts
from weathertrigger.storage import history, told_fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Row as Stored
from weathertrigger.storage.history import Wished

_CLAIMS = ("rule", "priority", "says", "otherwise", "stands", "wins")
_CHANGES = ("id", "at", "from_value", "to_value", "state", "rule", "who", "why", "error")
_MOST_CHANGES = 20


@click.command("show")
@field_argument
@output_option
def show_field(field: int, output: str) -> None:
    """Show everything of FIELD, by its number: what is wanted and why, what each rule says of it, its last changes."""
    with database_here().transaction() as tx:
        told, account = told_field(tx, field)
        claimed = [_claim(row) for row in told_fields.claims(tx, field)]
        changed = [row._asdict() for row in history.changes(tx, Wished(field_id=field), limit=_MOST_CHANGES)]
    row = {**row_of(told, account, output), "why": told.change.why if told.change else None}
    if output == "json":
        field_state = {
            "suspect": told.field.suspect,
            "attempted": told.field.attempted,
            "failures": told.field.failures,
        }
        show_parts({**row, **field_state, "claims": claimed, "changes": changed}, [], output=output)
        return
    show_one({name: value for name, value in row.items() if name not in {"resource", "field"}}, output=output)
    changes = [_in_words(one, account) for one in changed]
    show_parts(
        {},
        [
            Part(claimed, _CLAIMS, "No rule says anything of it."),
            Part(changes, _CHANGES, "It has never been changed."),
        ],
        output=output,
    )


def _claim(row: Stored) -> Row:
    return {
        "rule": row.rule,
        "owner": row.owner,
        "priority": row.priority,
        "entity": row.entity,
        "says": _said_in_cases(orjson.loads(row.expressions)),
        "otherwise": _said(orjson.loads(row.otherwise)),
        "expressions": orjson.loads(row.expressions),
        "case": row.active_case,
        "stands": _stands(row),
        "state": row.state,
        "since": row.state_since,
        "wins": bool(row.wins),
    }


def _said_in_cases(expressions: Sequence[Json]) -> str:
    """Of a rule with several cases each: `1: change +50 %; 2: change +20 %`."""
    if len(expressions) == 1:
        return _said(expressions[0])
    return "; ".join(f"{number}: {_said(one)}" for number, one in enumerate(expressions, start=1))


def _said(document: Json) -> str:
    """`change +20 %, max 80.00 USD`, `status enabled`, `baseline`; nothing in a case that does not set the field."""
    if not isinstance(document, dict):
        return str(document or "nothing")
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in document.items())


def _stands(row: Stored) -> str:
    """Why it does or does not have a say."""
    if not row.enabled:
        return "disabled, has its last word" if row.retiring else "disabled"
    if not row.targeted:
        return "no longer targets it, has its last word"
    if row.dry_run_of:
        return f"{row.state}, dry run of the {row.dry_run_of}"
    return str(row.state)


def _in_words(row: Row, account: Account) -> Row:
    values = {
        name: value_in_words(None if row[name] is None else str(row[name]), str(row["field"]), account)
        for name in ("from_value", "to_value")
    }
    return {**row, **values, "at": row["finished_at"] or row["created_at"]}
