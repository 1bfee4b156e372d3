"""What came of trying a rule, as a page for people and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click
import orjson

from services.automation_cli.backtest.given_weather import GivenWeather
from services.automation_cli.backtest.trying import Saved, Tried
from services.automation_cli.output import Row, cell, show, show_one
from weathertrigger.domain.rule import Expression, Rule, Target
from weathertrigger.rules.backtest import Span, Trial, time_of
from weathertrigger.rules.budget_hours import BudgetHours
from weathertrigger.rules.expression_documents import expression_document
from weathertrigger.rules.needs import needs_of

_COLUMNS = ("rule", "activations", "active", "flips", "saved", "without_verdict", "budget")
_HOUR = timedelta(hours=1)


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
        "weather": _weather(weather, looks_ahead=needs_of(tried.rule.condition).looks_ahead),
        "from": f"{cell(trial.start)} UTC",
        "until": f"{cell(trial.end)} UTC",
        "checks": f"{trial.checks:,}",
        "activations": len(trial.active),
        "first_activation": _when(trial.active[:1]),
        "last_activation": _when(trial.active[-1:]),
        "active": _share(trial.active, trial),
        "flips": trial.flips,
        "saved": _spared(tried.saved),
        "without_verdict": _share(trial.without_verdict, trial),
        "budget": "\n".join([_budget(tried.rule, one) for one in tried.budgets]),
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
        "flips_saved": asdict(tried.saved),
        "hours": _hours(trial.end - trial.start),
        "hours_active": _hours(time_of(trial.active)),
        "hours_without_verdict": _hours(time_of(trial.without_verdict)),
        "hours_given_up": _hours(time_of([span for spans in trial.given_up.values() for span in spans])),
        "budget": [_budget_document(one) for one in tried.budgets],
        "active": [{"from": span.start, "until": span.end} for span in trial.active],
    }


def _budget_document(budget: BudgetHours) -> Row:
    target = budget.target
    return {
        "account": target.entity.account_id,
        target.entity.level.value: target.entity.id,
        "field": target.field,
        "case": target.case,
        "set": expression_document(target.expression),
        "hours": _hours(budget.time),
        "budget_hours": None if budget.of_baseline is None else round(float(budget.of_baseline), 4),
        "amount_hours": None if budget.amount is None else str(budget.amount),
    }


def _budget(rule: Rule, budget: BudgetHours) -> str:
    """`google-acme campaign 111 daily_budget: +20 %, max 80.00 USD for 62.50 h, 12.50 budget-hours`."""
    target = budget.target
    said = f"{named(rule, target)}: {in_words(target.expression)} for {_hours(budget.time):,.2f} h"
    if budget.of_baseline is not None:
        return f"{said}, {budget.of_baseline:,.2f} budget-hours"
    return f"{said}, {budget.amount} hours" if budget.amount is not None else said


def named(rule: Rule, target: Target) -> str:
    """`google-acme campaign 111 daily_budget`; of a rule with cases `case 2: google-acme ...`."""
    case = f"case {target.case}: " if rule.number_of_cases > 1 else ""
    return f"{case}{target.entity} {target.field}"


def in_words(expression: Expression) -> str:
    """`+20 %, max 80.00 USD`, `60.00 USD`, `enabled`."""
    words = {"change": "", "to": "", "status": ""}
    return ", ".join(
        [f"{words.get(key, key)} {value}".strip() for key, value in expression_document(expression).items()]
    )


def _spared(saved: Saved) -> str:
    """`42 flips: 30 by hold alone, 8 by release alone`."""
    if saved.together is None:
        return "none: neither hold nor release"
    each = {"hold": saved.by_hold, "release": saved.by_release}
    return f"{saved.together} flips: " + ", ".join(
        [f"{flips} by {name} alone" for name, flips in each.items() if flips is not None]
    )


def _weather(weather: GivenWeather, *, looks_ahead: bool) -> str:
    forecast = "; windows ahead saw what was then observed: a perfect forecast" if looks_ahead else ""
    bad = f"; {weather.implausible:,} implausible value(s) count as unknown" if weather.implausible else ""
    return f"{weather.source}, {weather.observations:,} observations{forecast}{bad}"


def _share(spans: Sequence[Span], trial: Trial) -> str:
    """`412.50 h (4.7 %)`."""
    time = time_of(spans)
    return f"{_hours(time):,.2f} h ({time / (trial.end - trial.start):.1%})".replace("%", " %")


def _when(spans: Sequence[Span]) -> str:
    return f"{cell(spans[0].start)} UTC" if spans else "never"


def _hours(time: timedelta) -> float:
    return round(time / _HOUR, 4)
