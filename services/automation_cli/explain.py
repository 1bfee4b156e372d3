"""`automation-cli explain EXECUTION|RULE`: why a check came out as it did, and what became of it."""

from collections.abc import Iterable, Iterator

import click
import orjson
from rich.markup import escape

from services.automation_cli.completing import completed_by
from services.automation_cli.connections import database_here
from services.automation_cli.next_times import next_times, told_next_times
from services.automation_cli.output import console, output_option
from services.automation_cli.told_explanation import in_utc, print_explanation
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import NotThere
from weathertrigger.platforms.registry import MONEY
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.rules import value_words
from weathertrigger.storage import history, rules
from weathertrigger.storage.database import Row, Transaction

_LARGEST_ID = 2**63 - 1


@click.command()
@click.argument("what", metavar="EXECUTION|RULE", shell_complete=completed_by(rules.beginning_with))
@output_option
def explain(what: str, output: str) -> None:
    """Explain the check with the number EXECUTION, or the last one of RULE. Asks nobody, changes nothing.

    It shows the condition with every value as it was seen then, the changes that the check asked for and what became of
    them, and when the rule is checked next. `executions` lists the checks with their numbers.
    """
    with database_here().transaction() as tx:
        check = _check(tx, what)
        asked_for = history.changes_of_execution(tx, check.rule, check.id)
        rule = rules.get(tx, check.rule)
    if output == "json":
        click.echo(orjson.dumps(_document(check, asked_for, rule), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(check, asked_for, rule)


def _check(tx: Transaction, what: str) -> Row:
    number = int(what) if what.isascii() and what.isdecimal() and len(what) < len(str(_LARGEST_ID)) else None
    check = history.execution(tx, number) if number is not None else None
    if check is not None:
        return check
    newest = history.executions(tx, rule_id=what, limit=1)
    if newest:
        return newest[0]
    if rules.get(tx, what):
        raise NotThere(f"Rule {what!r} has not been checked yet.")
    lists = "`automation-cli executions` and `automation-cli rules` list them"
    raise NotThere(f"There is neither an execution nor a rule {what!r}; {lists}.")


def _document(check: Row, asked_for: Iterable[Row], rule: Row | None) -> dict[str, object]:
    return {
        **check._asdict(),
        "changes": [one._asdict() for one in asked_for],
        "now": None if rule is None else _standing(rule),
    }


def _standing(rule: Row) -> dict[str, object]:
    """Where the rule stands now, which may be long after the check."""
    return {
        "state": rule.state,
        "state_since": rule.state_since,
        "enabled": rule.enabled,
        **next_times(rule),
    }


def _print(check: Row, asked_for: Iterable[Row], rule: Row | None) -> None:
    out = console()
    out.print(f"[bold]Execution {check.id}[/] of {escape(_named(check, rule))}: {_when(check)}", highlight=False)
    out.print(check.reason, highlight=False, markup=False)
    if check.explanation:
        print_explanation(out, check.explanation, check.executed_at)
    lines = [f"  {_told(change)}" for change in asked_for]
    out.print("\n".join(["Asked for:", *lines]) if lines else "Asked for no change.", highlight=False, markup=False)
    for line in _now(rule):
        out.print(line, highlight=False, markup=False)


def _named(check: Row, rule: Row | None) -> str:
    return f"{check.rule} ({rule.document['name']})" if rule else str(check.rule)


def _when(check: Row) -> str:
    """`met, slot of 2026-03-01 14:00:00 UTC, checked at 2026-03-01 14:00:02 UTC by rule-evaluator-1`."""
    since = f" (and of those since {in_utc(check.coalesced_from)})" if check.coalesced_from else ""
    outcome = str(check.outcome).replace("_", " ")
    trigger = f"{check.trigger} of {in_utc(check.scheduled_for)}{since}"
    return f"{outcome}, {trigger}, checked at {in_utc(check.executed_at)} by {escape(check.worker_id)}"


def _told(change: Row) -> str:
    """`meta-acme ad set 23848 daily_budget: 50.00 USD -> 60.00 USD = baseline 50.00 USD + 20 %; confirmed at ...`"""
    dry = " (dry run)" if change.dry_run else ""
    what = f"{change.account} {in_words(change.resource)} {change.field}{dry}"
    finished = f" at {in_utc(change.finished_at)}" if change.finished_at else ""
    refused = f": {change.error}" if change.error else ""
    request = f" (request {change.request_id})" if change.request_id else ""
    return f"{what}: {_values(change)}; {change.state}{finished}{request}{refused}"


def _values(change: Row) -> str:
    if change.to_value is None:
        return "not worked out yet" if change.finished_at is None else "nothing was written"
    before, after = _shown(change, change.from_value), _shown(change, change.to_value)
    if not change.arithmetic or change.arithmetic == after:
        return f"{before} -> {after}"
    return f"{before} -> {value_words.equation(after, change.arithmetic)}"


def _shown(change: Row, value: str | None) -> str:
    if value is None:
        return "unknown"
    field, codec = FieldName(change.field), MONEY[change.platform]
    return value_words.in_words(value, field, currency=change.currency, codec=codec)


def _now(rule: Row | None) -> Iterator[str]:
    if rule is None:
        yield "The rule is gone."
        return
    since = f" since {in_utc(rule.state_since)}" if rule.state_since else ""
    yield f"Now: {rule.state}{since}."
    yield from told_next_times(next_times(rule))
