"""What it takes to try a rule on a year of weather, both from `examples`."""

from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from pathlib import Path
from time import process_time
from typing import TypeVar

from services.automation_cli.backtest.given_weather import recorded_weather
from services.automation_cli.backtest.trying import try_rule
from services.automation_cli.backtest.weather_file import read_weather_file
from tests.benchmarks.aim import Aim
from tests.benchmarks.section import Section
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rules.evaluation import MAX_AGE

_EXAMPLES = Path(__file__).parents[2] / "examples"
_WEATHER = str(_EXAMPLES / "newark-2013.csv.gz")
_ROUNDS = 3
_T = TypeVar("_T")


def measure_backtest() -> Section:
    """Seconds of a core: the whole, and of that the reading of the file."""
    file = load_rules((_EXAMPLES / "backtest.yaml").read_bytes(), name="rules", minimum_interval=timedelta(minutes=5))
    rule = file.rules[0]
    reading, recorded = _best(lambda: read_weather_file(Path(_WEATHER)))
    trying, tried = _best(lambda: try_rule(rule, recorded_weather([rule], [_WEATHER], MAX_AGE)[rule.id], MAX_AGE))
    return Section(
        title=f"a rule over a year: {len(recorded.readings):,} observations, {tried.trial.checks:,} checks",
        lines=[
            f"reading the file {reading:.2f} s of {trying:.2f} s; tried with and without hold and release",
        ],
        aims=[Aim("trying a rule on a year", trying, 1, "s")],
        numbers={"backtest_seconds": {"reading": reading, "whole": trying}},
    )


def _best(task: Callable[[], _T]) -> tuple[float, _T]:
    """Seconds of the best of some rounds, and what came of it."""
    rounds = []
    for _ in range(_ROUNDS):
        started = process_time()
        made = task()
        rounds.append((process_time() - started, made))
    return min(rounds, key=itemgetter(0))
