"""`automation-cli test-rule ID`: what the rule says now and what it would change; changes nothing (semantics 33)."""

from dataclasses import asdict

import click
import orjson
from rich.markup import escape

from services.automation_cli.connections import connect_database, read_cli_settings
from services.automation_cli.next_times import next_times, told_next_times
from services.automation_cli.output import console, output_option
from services.automation_cli.outside_world import connect_ad_gates, connect_weather
from services.automation_cli.rule_choice import rule_argument
from services.automation_cli.told_explanation import print_explanation
from weathertrigger.operations.preview import FieldPreview, Preview, preview
from weathertrigger.outside.ads import ad_platforms


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
        cool_down=settings.raise_cool_down,
    )
    if output == "json":
        click.echo(orjson.dumps(_json(shown), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(shown)


def _json(shown: Preview) -> dict[str, object]:
    return {
        "rule": shown.rule.id,
        "at": shown.at,
        "conditions_met": shown.conditions_met,
        "sentence": shown.sentence,
        "explanation": shown.explanation,
        "changes": [asdict(field) for field in shown.fields],
        **next_times(shown),
    }


def _print(shown: Preview) -> None:
    out = console()
    out.print(f"[bold]{shown.rule.id}[/] {escape(shown.rule.name)}", highlight=False)
    out.print(shown.sentence, highlight=False, markup=False)
    if shown.explanation:
        print_explanation(out, shown.explanation, shown.at)
    out.print("Would change:" if any(map(_would_change, shown.fields)) else "Would change nothing:", highlight=False)
    for field in shown.fields:
        note = f"  ({field.note})" if field.note else ""
        said = (
            field.arithmetic if field.field != "status" or not _would_change(field) else f"{field.now} -> {field.then}"
        )
        out.print(f"  {field.entity} {field.field}: {said or 'not known'}{note}", highlight=False, markup=False)
    for warning in dict.fromkeys(field.warning for field in shown.fields if field.warning):
        out.print(f"Mind: {warning}", highlight=False, markup=False)
    for line in told_next_times(next_times(shown)):
        out.print(line, highlight=False)


def _would_change(field: FieldPreview) -> bool:
    return field.now != field.then
