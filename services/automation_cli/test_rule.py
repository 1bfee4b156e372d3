"""`automation-cli test-rule ID`: what the rule says now and what it would change; changes nothing (semantics 33)."""

from dataclasses import asdict
from datetime import datetime

import click
import orjson
from rich.markup import escape
from rich.tree import Tree

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.output import cell, console, output_option
from services.automation_cli.outside_world import connect_ad_gates, connect_weather
from services.automation_cli.rule_choice import rule_argument
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.preview import FieldPreview, Preview, preview
from weathertrigger.rules.evaluation import GroupResult, LeafResult
from weathertrigger.rules.explanation import spoken
from weathertrigger.rules.several import CasesResult, Whole

_MARKS = {True: "[green]true[/]   ", False: "[red]false[/]  ", None: "[yellow]unknown[/]"}


@click.command("test-rule")
@rule_argument
@output_option
def test_rule(rule: str, output: str) -> None:
    """Show what RULE says about the weather now, and exactly what it would change. Changes nothing."""
    settings = read_cli_settings()
    database = connect_database(settings)
    shown = preview(
        database,
        rule,
        chain=connect_weather(settings, database),
        platforms=ad_platforms(settings),
        admissions=connect_ad_gates(settings, database),
        ages=settings.ages,
        forecast_max_age=settings.forecast_max_age,
    )
    if output == "json":
        click.echo(orjson.dumps(_json(shown), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(shown)


def _json(shown: Preview) -> dict[str, object]:
    return {
        "rule": shown.rule.id,
        "at": shown.at,
        "conditions_met": shown.result.truth if shown.result else None,
        "sentence": shown.sentence,
        "explanation": shown.explanation,
        "changes": [asdict(field) for field in shown.fields],
        "next_check_at": shown.next_check_at,
    }


def _print(shown: Preview) -> None:
    out = console()
    out.print(f"[bold]{shown.rule.id}[/] {escape(shown.rule.name)}", highlight=False)
    out.print(shown.sentence, highlight=False, markup=False)
    if shown.result:
        tree = Tree("", hide_root=True)
        _grow(tree, shown.result)
        out.print(tree)
    out.print("Would change:" if any(map(_would_change, shown.fields)) else "Would change nothing:", highlight=False)
    for field in shown.fields:
        note = f"  ({field.note})" if field.note else ""
        said = (
            field.arithmetic if field.field != "status" or not _would_change(field) else f"{field.now} -> {field.then}"
        )
        out.print(f"  {field.entity} {field.field}: {said or 'not known'}{note}", highlight=False, markup=False)
    out.print(f"Next check: {_when(shown.next_check_at)}", highlight=False)


def _grow(tree: Tree, result: Whole) -> None:
    if isinstance(result, LeafResult):
        tree.add(f"{_MARKS[result.truth]} {escape(spoken(result))}")
    elif isinstance(result, GroupResult):
        branch = tree.add(f"{_MARKS[result.truth]} {type(result.group).__name__.lower()}")
        for part in result.parts:
            _grow(branch, part)
    elif isinstance(result, CasesResult):
        for number, case in enumerate(result.parts, 1):
            _grow(tree.add(f"{_MARKS[case.truth]} case {number}"), case)
    else:
        branch = tree.add(f"{_MARKS[result.truth]} at {result.needed} of {len(result.parts)} places")
        for place in result.parts:
            leaf = branch.add(f"{_MARKS[place.truth]} {escape(place.name)}{'' if place.result else ': no weather'}")
            if place.result:
                _grow(leaf, place.result)


def _would_change(field: FieldPreview) -> bool:
    return field.now != field.then


def _when(at: datetime | None) -> str:
    return f"{cell(at)} UTC" if at else "none, the rule is disabled"
