"""Runs one rule over its weather, and once more without each thing that keeps it from flapping."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.automation_cli.backtest.given_weather import GivenWeather
from weathertrigger.domain.hold import NO_HOLD
from weathertrigger.domain.rule import Rule
from weathertrigger.errors import UsageError
from weathertrigger.operations.edited_slots import schedule_of
from weathertrigger.rule_files.durations import spoken
from weathertrigger.rules.backtest import Trial, backtest, time_of
from weathertrigger.rules.budget_hours import BudgetHours, budget_hours
from weathertrigger.rules.expression_documents import capped
from weathertrigger.rules.judge import criteria_of
from weathertrigger.rules.unreleased import without_release
from weathertrigger.time_zones import zone_of

MOST_CHECKS = 2_000_000
"""So many are tried of a rule at most, which takes about a minute."""


@dataclass(frozen=True, slots=True)
class Saved:
    """How many flips a rule was spared, by each and by all together. None: the rule has no such thing."""

    by_release: int | None
    by_hold: int | None
    together: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule, its weather, and what came of it."""

    rule: Rule
    weather: GivenWeather
    trial: Trial
    saved: Saved

    @property
    def budgets(self) -> list[BudgetHours]:
        """What each target comes to."""
        rule, trial = self.rule, self.trial
        targets = [replace(one, expression=capped(one.expression, rule.largest_raise)) for one in rule.targets]
        return [
            budget_hours(one, time_of(trial.in_case[one.case]), time_of(trial.given_up[one.case])) for one in targets
        ]


def try_rule(rule: Rule, weather: GivenWeather, max_age: timedelta) -> Tried:
    """Runs the rule over its weather.

    Raises:
        UsageError: there would be too many checks.
    """
    checks = (weather.span.end - weather.span.start) // rule.interval
    if checks > MOST_CHECKS:
        often = f"{rule.id} is checked every {spoken(rule.interval)}, which would be {checks:,} checks"
        raise UsageError(f"{often}; at most {MOST_CHECKS:,} are tried: give less weather.")
    trial = _run(rule, weather, max_age)
    return Tried(rule, weather, trial, _saved(rule, weather, max_age, trial.flips))


def _run(rule: Rule, weather: GivenWeather, max_age: timedelta) -> Trial:
    criteria = criteria_of(rule, *[zone_of(place) for place in rule.places])
    return backtest(criteria, weather.recordings, weather.span, schedule_of(rule).after, max_age=max_age)


def _saved(rule: Rule, weather: GivenWeather, max_age: timedelta, flips: int) -> Saved:
    unreleased, unheld = without_release(rule), replace(rule, hold=NO_HOLD)
    others = (unreleased, unheld, replace(unreleased, hold=NO_HOLD))
    spared = {other: _run(other, weather, max_age).flips - flips for other in {*others} - {rule}}
    return Saved(*[spared.get(other) for other in others])
