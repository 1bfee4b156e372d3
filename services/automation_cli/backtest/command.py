"""`automation-cli backtest RULE|FILE`: what a rule would have done in weather that was recorded (semantics 34)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from services.automation_cli.backtest.given_weather import recorded_weather, stored_weather
from services.automation_cli.backtest.plot import draw, format_of
from services.automation_cli.backtest.report import show_tried
from services.automation_cli.backtest.rules_to_try import rules_to_try
from services.automation_cli.backtest.trying import try_rule
from services.automation_cli.completing import completed_by
from services.automation_cli.connections import installation_if_any
from services.automation_cli.output import output_option
from services.automation_cli.whole_number import WholeNumber
from weathertrigger.errors import UsageError
from weathertrigger.storage import rules as stored_rules

_MOST_DAYS = 3660
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("what", metavar="RULE|FILE", shell_complete=completed_by(stored_rules.beginning_with))
@click.option(
    "--weather",
    multiple=True,
    metavar="FILE.csv",
    help="Recorded weather; NAME=FILE.csv for each of the places of a rule that has several.",
)
@click.option("--days", type=WholeNumber(1, _MOST_DAYS), help="The readings that were stored in the last so many days.")
@click.option("--from", "first", type=_DAY, metavar="DATE", help="Only from this day of the place on: 2013-06-01.")
@click.option("--until", "last", type=_DAY, metavar="DATE", help="Only to the end of this day.")
@click.option("--rule", metavar="ID", help="Only this rule of FILE.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png|svg",
    help="Draw it too: the weather, the thresholds, when the rule was active. One rule.",
)
@output_option
def backtest(
    *,
    what: str,
    weather: Sequence[str],
    days: int | None,
    first: datetime | None,
    last: datetime | None,
    rule: str | None,
    plot: Path | None,
    output: str,
) -> None:
    """Show what RULE, or each rule of FILE, would have done in recorded weather. Changes nothing.

    The rules of a file need not be applied, and with --weather no database is needed for them.
    """
    if bool(weather) is (days is not None):
        raise UsageError("Say which weather: --weather FILE.csv or --days N, one of the two.")
    if plot:
        format_of(plot)
    settings, database = installation_if_any()
    max_age = settings.weather_max_age
    chosen = rules_to_try(what, rule, settings.minimum_interval, database)
    if plot and len(chosen) > 1:
        raise UsageError("--plot draws one rule: choose it with --rule ID.")
    given = stored_weather(chosen, days, database) if days else recorded_weather(chosen, weather, max_age)
    within = (first.date() if first else None, last.date() if last else None)
    tried = [try_rule(one, given[one.id].between(one, *within), max_age) for one in chosen]
    show_tried(tried, output=output)
    if plot:
        draw(tried[0], plot)
