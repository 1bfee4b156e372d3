"""What a rules file does, or would do, to the rules: a line for each that is not as before, and what is different."""

from collections.abc import Mapping

import click
import yaml

from services.automation_cli.output import cell, say
from weathertrigger.operations.compare_rules import Comparison
from weathertrigger.rules.differences import ABSENT, Difference


def show_comparison(done: Comparison) -> None:
    """Rules by name on standard output, those that change with every difference; the counts on standard error."""
    for rule_id in done.added:
        click.echo(f"added {rule_id}")
    for rule_id in done.changed:
        click.echo(f"changed {rule_id}")
        for difference in done.differences[rule_id]:
            click.echo(f"  {_line(difference)}")
    for rule_id in done.removed:
        click.echo(f"removed {rule_id}")
    removed = f", {len(done.removed)} removed" if done.removed else ""
    say(f"{len(done.added)} added, {len(done.changed)} changed{removed}, {len(done.unchanged)} unchanged.")


def comparison_document(done: Comparison) -> dict[str, object]:
    """The same for scripts."""
    return {
        "added": done.added,
        "changed": [
            {"rule": rule_id, "differences": [_document(one) for one in done.differences[rule_id]]}
            for rule_id in done.changed
        ],
        "removed": done.removed,
        "unchanged": done.unchanged,
    }


def _line(difference: Difference) -> str:
    if difference.before is ABSENT:
        return f"{difference.path}: new {words(difference.after)}"
    if difference.after is ABSENT:
        return f"{difference.path}: no more {words(difference.before)}"
    return f"{difference.path}: {words(difference.before)} -> {words(difference.after)}"


def _document(difference: Difference) -> Mapping[str, object]:
    sides = {"before": difference.before, "after": difference.after}
    return {"path": difference.path, **{side: value for side, value in sides.items() if value is not ABSENT}}


def words(value: object) -> str:
    """As a person would write it on one line of a rules file."""
    if isinstance(value, str):
        return cell(value)
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6).split("\n")[
        0
    ]
