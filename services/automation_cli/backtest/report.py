"""What came of trying a rule, as a page for people and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import click
import orjson

from services.automation_cli.backtest.given_weather import GivenWeather
from services.automation_cli.output import Row, cell, show, show_one
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.schedule import next_slot
from weathertrigger.errors import UsageError
from weathertrigger.rule_files.durations import spoken
from weathertrigger.rules.backtest import Span, Trial, backtest, time_of
from weathertrigger.rules.budget_hours import BudgetHours, budget_hours
from weathertrigger.rules.canonical import expression_document
from weathertrigger.rules.expression_documents import capped
from weathertrigger.rules.judge import Criteria
from weathertrigger.rules.needs import needs_of
from weathertrigger.time_zones import zone_named

MOST_CHECKS = 2_000_000
"""So many are tried of a rule at most, which takes about a minute."""

_COLUMNS = ("rule", "activations", "active", "flips", "saved", "without_verdict", "budget")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule, its weather, and what came of it."""

    rule: Rule
    weather: GivenWeather
    trial: Trial

    @property
    def budgets(self) -> list[BudgetHours]:
        """What each target comes to."""
        rule = self.rule
        targets = [replace(one, expression=capped(one.expression, rule.largest_raise)) for one in rule.targets]
        return list(budget_hours(targets, time_of(self.trial.active), time_of(self.trial.given_up)))


def try_rule(rule: Rule, weather: GivenWeather, max_age: timedelta) -> Tried:
    """Runs the rule over its weather.

    Raises:
        UsageError: there would be too many checks.
    """
    checks = (weather.span.end - weather.span.start) // rule.interval
    if checks > MOST_CHECKS:
        often = f"{rule.id} is checked every {spoken(rule.interval)}, which would be {checks:,} checks"
        raise UsageError(f"{often}; at most {MOST_CHECKS:,} are tried: give less weather.")
    criteria = Criteria(rule.condition, needs_of(rule.condition), zone_named(rule.place.time_zone))
    slots = partial(next_slot, rule.id, rule.interval)
    return Tried(rule, weather, backtest(criteria, weather.recordings, weather.span, slots, max_age=max_age))


def show_tried(tried: Sequence[Tried], *, output: str) -> None:
    """A page for a rule, a table for several, or JSON."""
    if output == "json":
        document = {"rules": [_document(one) for one in tried]}
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    elif len(tried) == 1:
        show_one(_page(tried[0]), output=output)
    else:
        show([_page(one) for one in tried], output=output, columns=_COLUMNS, empty="")


def _page(tried: Tried) -> Row:
    trial, weather = tried.trial, tried.weather
    return {
        "rule": tried.rule.id,
        "name": tried.rule.name,
        "weather": _weather(weather),
        "from": f"{cell(trial.start)} UTC",
        "until": f"{cell(trial.end)} UTC",
        "checks": f"{trial.checks:,}",
        "activations": len(trial.active),
        "first_activation": _when(trial.active[:1]),
        "last_activation": _when(trial.active[-1:]),
        "active": _share(trial.active, trial),
        "flips": trial.flips,
        "saved": "",
        "without_verdict": _share(trial.without_verdict, trial),
        "budget": "\n".join([_budget(one) for one in tried.budgets]),
    }


def _document(tried: Tried) -> Row:
    trial, weather = tried.trial, tried.weather
    return {
        "rule": tried.rule.id,
        "name": tried.rule.name,
        "weather": {
            "source": weather.source,
            "observations": weather.observations,
            "implausible_values": weather.implausible,
            "forecast": "perfect" if needs_of(tried.rule.condition).looks_ahead else None,
        },
        "from": trial.start,
        "until": trial.end,
        "checks": trial.checks,
        "activations": len(trial.active),
        "first_activation": trial.active[0].start if trial.active else None,
        "last_activation": trial.active[-1].start if trial.active else None,
        "flips": trial.flips,
        "hours": _hours(trial.end - trial.start),
        "hours_active": _hours(time_of(trial.active)),
        "hours_without_verdict": _hours(time_of(trial.without_verdict)),
        "hours_given_up": _hours(time_of(trial.given_up)),
        "budget": [_budget_document(one) for one in tried.budgets],
        "active": [{"from": span.start, "until": span.end} for span in trial.active],
    }


def _budget_document(budget: BudgetHours) -> Row:
    target = budget.target
    return {
        "account": target.entity.account_id,
        target.entity.level.value: target.entity.id,
        "field": target.field,
        "set": expression_document(target.expression),
        "hours": _hours(budget.time),
        "budget_hours": None if budget.of_baseline is None else round(float(budget.of_baseline), 4),
        "amount_hours": None if budget.amount is None else str(budget.amount),
    }


def _budget(budget: BudgetHours) -> str:
    """`google-acme campaign 111 daily_budget: 12.50 budget-hours (change +20 %, max 80.00 USD, for 62.50 h)`."""
    said = ", ".join([f"{key} {value}" for key, value in expression_document(budget.target.expression).items()])
    what = f"{budget.target.entity} {budget.target.field}"
    if budget.of_baseline is not None:
        return f"{what}: {budget.of_baseline:,.2f} budget-hours ({said}, for {_hours(budget.time):,.2f} h)"
    if budget.amount is not None:
        return f"{what}: {budget.amount} x h ({said}, for {_hours(budget.time):,.2f} h)"
    return f"{what}: {said}, for {_hours(budget.time):,.2f} h"


def _weather(weather: GivenWeather) -> str:
    bad = f"; {weather.implausible:,} implausible value(s) count as unknown" if weather.implausible else ""
    return f"{weather.source}, {weather.observations:,} observations{bad}"


def _share(spans: Sequence[Span], trial: Trial) -> str:
    """`412.50 h (4.7 %)`."""
    time = time_of(spans)
    return f"{_hours(time):,.2f} h ({time / (trial.end - trial.start):.1%})".replace("%", " %")


def _when(spans: Sequence[Span]) -> str:
    return f"{cell(spans[0].start)} UTC" if spans else "never"


def _hours(time: timedelta) -> float:
    return round(time / _HOUR, 4)
