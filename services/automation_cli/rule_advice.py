"""Reads a rules file as this installation would, and tells its author what is worth knowing though nothing is wrong."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from services.automation_cli.output import say
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.errors import StorageError
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.outside.weather import is_open_meteo_free, preferred_provider
from weathertrigger.rule_files.load import RuleFile, load_rules
from weathertrigger.storage import day_plan
from weathertrigger.storage.database import Database
from weathertrigger.weather.day_plan import DayPlan, PlaceNeed, needs_of_rules, plan_day, sentences, together
from weathertrigger.weather.replan_day import replan_day

_FREE_HOST = (
    "Live rules may get their weather from Open-Meteo's free host, which is for non-commercial use: as a customer set "
    "OPEN_METEO_API_KEY, and leave OPEN_METEO_URL unset."
)


def read_rule_file(text: bytes, *, name: str, minimum_interval: timedelta, settings: WeatherSettings) -> RuleFile:
    """The rules, held against how far the installation's forecasts reach; says what their author is warned of. Files of
    rows are looked for beside the file of this name; beside standard input that is the current directory.

    Raises:
        InvalidRules: with every fault.
    """
    preferred = preferred_provider(settings)
    horizon = preferred[0].horizon if preferred else None
    file = load_rules(text, name=name, minimum_interval=minimum_interval, horizon=horizon, folder=Path(name).parent)
    for warning in file.warnings:
        say(f"Warning: {warning}")
    if is_open_meteo_free(settings) and any(rule.enabled and rule.mode is Mode.LIVE for rule in file.rules):
        say(f"Warning: {_FREE_HOST}")
    return file


def tell_day_plan(database: Database, settings: WeatherSettings) -> None:
    """Plans the day's calls anew, and says what all rules need of them. That it cannot is only said: the scheduler does
    the same now and then."""
    try:
        plan = plan_day_anew(database, settings)
    except StorageError as error:
        say(f"The day's calls could not be planned now: {error} The scheduler does it later.")
        return
    if plan:
        _tell(sentences(plan))


def plan_day_anew(database: Database, settings: WeatherSettings) -> DayPlan | None:
    """The plan of the day's calls for the rules as they are; None where there is no provider of weather."""
    if preferred := preferred_provider(settings):
        provider, limit = preferred
        return replan_day(database, provider, settings.ages, limit)
    return None


def foretell_day_plan(rules: Iterable[Rule], database: Database | None, settings: WeatherSettings) -> DayPlan | None:
    """Says what the rules would need of the day's calls, together with the others of the installation; gives the plan,
    None where there is no provider of weather."""
    preferred = preferred_provider(settings)
    if preferred is None:
        return None
    provider, limit = preferred
    rules = list(rules)
    others = _others(database, [rule.id for rule in rules]) if database else []
    plan = plan_day(together([*others, *needs_of_rules(rules)]), provider=provider, ages=settings.ages, limit=limit)
    _tell(sentences(plan))
    return plan


def _others(database: Database, rule_ids: list[str]) -> list[PlaceNeed]:
    with database.transaction() as tx:
        return [PlaceNeed(*row) for row in day_plan.needs(tx, besides=rule_ids)]


def _tell(told: Iterable[str]) -> None:
    for sentence in told:
        say(sentence)
