"""`automation-cli audit`: who did what by a command."""

from collections.abc import Mapping
from datetime import datetime

import click

from services.automation_cli.connections import database_here
from services.automation_cli.difference_view import words
from services.automation_cli.output import Row, cell, output_option, show
from services.automation_cli.since import since_option
from services.automation_cli.watching import watch_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.storage import audit_log

_LONGEST = 240
_COLUMNS = ("at", "who", "what", "subject", "changed")


@click.command()
@click.option("--who", metavar="NAME", help="Only what this person did; the beginning is enough (anna, of anna@host).")
@click.option("--what", metavar="COMMAND", help="Only this command, such as pause or `accounts add`.")
@click.option("--subject", metavar="SUBJECT", help="Only what was done to this, such as `account meta-acme`.")
@since_option
@click.option("--limit", default=20, show_default=True, type=WholeNumber(1, 10_000), help="The newest so many.")
@watch_option
@output_option
def audit(
    *, who: str | None, what: str | None, subject: str | None, since: datetime | None, limit: int, output: str
) -> None:
    """List who did what by a command, and what it was before and after, the newest first. No secret is in it."""
    with database_here().transaction() as tx:
        found = audit_log.listed(tx, who=who, what=what, subject=subject, since=since, limit=limit)
    rows: list[Row] = [row._asdict() for row in found]
    if output == "table":
        rows = [{**row, "changed": _changed(row["before"], row["after"])} for row in rows]
    show(rows, output=output, columns=_COLUMNS, empty="Nobody has done anything of the kind.")


def _changed(before: object, after: object) -> str:
    """What is another than before: `mode: dry_run -> live, paused: none -> budgets run away`."""
    old = before if isinstance(before, Mapping) else {}
    new = after if isinstance(after, Mapping) else {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    told = ", ".join(f"{name}: {_said(old.get(name))} -> {_said(new.get(name))}" for name in names)
    if len(told) <= _LONGEST:
        return told
    short = "new" if not old else "gone" if not new else f"{told[:_LONGEST]}..."
    return f"{short} (--output json tells all)"


def _said(value: object) -> str:
    if isinstance(value, Mapping | list):
        return words(value)
    return "none" if value is None else cell(value)
