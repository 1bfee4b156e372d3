"""What a verdict costs: rules a second on one core, with few and with many rules, beside comparisons written by hand.

A core's time is counted, not the clock's, so that other processes do not count; the best round of each is taken, since
what else runs can only take caches away. Rounds with few and with many rules take turns.
"""

import gc
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import process_time

from tests.benchmarks.aim import Aim
from tests.benchmarks.section import Section
from weathertrigger.domain.condition import All, Comparator, Comparison, Membership, Not, Threshold
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.weather import Metric, Reading, Value, WeatherKind
from weathertrigger.rules.judge import THE_PLACE, Criteria, PlaceWeather, judge
from weathertrigger.rules.needs import needs_of

_FEW, _MANY = 1_000, 100_000
_RULES_PER_PLACE = 10
_ROUNDS = 5
_AT = datetime(2026, 3, 1, 14, 6, tzinfo=UTC)
_random = random.Random(7)  # noqa: S311  weather is no secret


@dataclass(frozen=True, slots=True)
class _Check:
    """A rule, what it remembers, the weather of its place, and its thresholds as plain numbers."""

    criteria: Criteria
    memory: Memory
    weather: dict[str, PlaceWeather]
    rain: float
    coldest: float
    warmest: float


def measure_evaluation() -> Section:
    """Of rules as the README's first: rain, a band of temperatures, no snow."""
    few, many = _checks(_FEW), _checks(_MANY)
    repeated = few * (_MANY // _FEW)
    by_hand, seconds_few, seconds_many = _best([(_by_hand, repeated), (_judged, repeated), (_judged, many)])
    per_rule = [seconds / _MANY * 1e6 for seconds in (by_hand, seconds_few, seconds_many)]
    return Section(
        title=f"verdicts on one core, the best of {_ROUNDS} rounds of {_MANY:,}",
        lines=[
            f"a verdict with {_FEW:,} rules {per_rule[1]:.2f} us, with {_MANY:,} {per_rule[2]:.2f} us",
            f"comparisons written by hand take {per_rule[0]:.2f} us, a verdict {per_rule[1] / per_rule[0]:.1f} times",
        ],
        aims=[
            Aim("verdicts a second", _MANY / seconds_many, 50_000, at_least=True),
            Aim(f"cost of a verdict with {_MANY:,} rules to that with {_FEW:,}", seconds_many / seconds_few, 1.25),
        ],
        numbers={"verdict_us": dict(zip(("by_hand", "few", "many"), per_rule, strict=True))},
    )


def _best(tasks: Sequence[tuple[Callable[[Sequence[_Check]], int], Sequence[_Check]]]) -> list[float]:
    """Seconds of the best round of each task, the tasks taking turns."""
    best = [float("inf")] * len(tasks)
    for _ in range(_ROUNDS):
        for index, (run, checks) in enumerate(tasks):
            gc.collect()
            started = process_time()
            run(checks)
            best[index] = min(best[index], process_time() - started)
    return best


def _judged(checks: Sequence[_Check]) -> int:
    fired = 0
    for check in checks:
        fired += judge(check.criteria, check.memory, check.weather, _AT).truth is True
    return fired


def _by_hand(checks: Sequence[_Check]) -> int:
    fired = 0
    for check in checks:
        reading = check.weather[THE_PLACE].reading
        if reading is None or _AT - reading.observed_at > timedelta(minutes=90):
            continue
        rain, temperature = reading.values.get(Metric.PRECIPITATION), reading.values.get(Metric.TEMPERATURE)
        kinds = reading.values.get(Metric.CONDITION)
        if not (isinstance(rain, float) and isinstance(temperature, float) and isinstance(kinds, tuple)):
            continue
        snows = WeatherKind.SNOW in kinds or WeatherKind.SLEET in kinds
        fired += rain > check.rain and check.coldest <= temperature < check.warmest and not snows
    return fired


def _checks(count: int) -> list[_Check]:
    """So many rules, each with thresholds of its own, ten at a place."""
    places = [_weather(number) for number in range(count // _RULES_PER_PLACE)]
    return [_check(places[number % len(places)]) for number in range(count)]


def _weather(number: int) -> dict[str, PlaceWeather]:
    values: dict[Metric, Value] = {
        Metric.TEMPERATURE: _random.gauss(12, 8),
        Metric.PRECIPITATION: _random.expovariate(2),
        Metric.CONDITION: _random.choice([(WeatherKind.RAIN,), (WeatherKind.RAIN, WeatherKind.SNOW)]),
        Metric.WIND_GUST: _random.expovariate(0.1),
    }
    observed_at = _AT - timedelta(seconds=_random.randrange(3600))
    return {THE_PLACE: PlaceWeather(Reading(str(number), "openweather", observed_at, _AT, values))}


def _check(weather: dict[str, PlaceWeather]) -> _Check:
    rain, coldest = _random.uniform(0, 1), _random.uniform(0, 5)
    warmest = coldest + 20
    condition = All(
        (
            Comparison(Metric.PRECIPITATION, (Threshold(Comparator.ABOVE, rain),), "mm/h"),
            Comparison(
                Metric.TEMPERATURE, (Threshold(Comparator.AT_LEAST, coldest), Threshold(Comparator.BELOW, warmest)), "C"
            ),
            Not(Membership(frozenset({WeatherKind.SNOW, WeatherKind.SLEET}))),
        )
    )
    return _Check(Criteria(condition, needs_of(condition)), NOTHING, weather, rain, coldest, warmest)
