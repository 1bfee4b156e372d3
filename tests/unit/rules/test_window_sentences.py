"""What a marketer reads of windows and trends, and what is stored of them."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from tests.unit.rules.hours import ahead, behind, compare, forecast, hours, over
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import (
    All,
    Any,
    Condition,
    DaySpan,
    Direction,
    Flag,
    Membership,
    Not,
    Over,
    Take,
    Trend,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Value, WeatherKind
from weathertrigger.rules.evaluation import evaluate
from weathertrigger.rules.explanation import document, sentence

_ZURICH = ZoneInfo("Europe/Zurich")
_PRESENT = reading({Metric.TEMPERATURE: 12.0, Metric.RAIN: 0.0, Metric.UV_INDEX: 3.0})
_FORECAST = "(forecast by OpenWeather, fetched 13:46 UTC, 20 min ago)."
_STORED = "(stored readings)."
_BOTH = "(OpenWeather, observed 14:00 UTC, 6 min ago; stored readings)."

_WET: list[Value | None] = [0.1, 0.3, 0.5, 0.0, 0.3, 0.4, 0.1, 0.3, 0.0, 0.0, 0.0, 0.0]
_RAIN = ahead(Metric.RAIN, _WET)
_SOME = ahead(Metric.RAIN, [0.1, None, 0.5, *_WET[3:]])
# Tomorrow 20 to 31 C, the day after 18 to 29 C, then 15 to 33 C.
_HOT = ahead(Metric.TEMPERATURE, [25.0] * 9 + [20.0, 31.0] * 12 + [18.0, 29.0] * 12 + [15.0, 33.0] * 12, _ZURICH)
_SHOWERS = ahead(Metric.RAIN, [0.0] * 9 + [1.0] * 24 + [0.5] * 24, _ZURICH)
_SKY: list[Value | None] = [(WeatherKind.CLEAR,), (WeatherKind.RAIN, WeatherKind.MIST), (WeatherKind.RAIN,)]
_LIGHT = ahead(Metric.IS_DAY, [True, True, False])


def _rain(window: Over, unit: str = "mm/h", above: float = 0.2) -> Condition:
    return compare(Metric.RAIN, unit, window, above=above)


def _days(first: int, last: int, each_day: EachDay, take: Take) -> Over:
    return Over(DaySpan(first, last, each_day), take)


def _hot(first: int, last: int, each_day: EachDay, take: Take, at_least: float) -> Condition:
    return compare(Metric.TEMPERATURE, "C", _days(first, last, each_day, take), at_least=at_least)


def _trend(direction: Direction, amount: float, unit: str = "C", within: int = 3) -> Trend:
    return Trend(Metric.TEMPERATURE, direction, amount, unit, within)


def _said(condition: Condition, series: Series | None) -> str:
    return sentence(evaluate(condition, _PRESENT, at=AT, series=series), _PRESENT, AT)


@pytest.mark.parametrize(
    ("condition", "series", "truth", "said"),
    [
        (
            _rain(over(0, 12, Take.HOURS, 3)),
            _RAIN,
            True,
            "rain is above 0.2 mm/h in 5 of the next 12 hours, which is at least 3",
        ),
        (
            _rain(over(0, 12, Take.HOURS, 6)),
            _RAIN,
            False,
            "rain is above 0.2 mm/h in 5 of the next 12 hours, which is not at least 6",
        ),
        (_rain(over(0, 12, Take.ANY)), _RAIN, True, "rain is above 0.2 mm/h in 5 of the next 12 hours"),
        (
            _rain(over(8, 12, Take.ANY)),
            _RAIN,
            False,
            "rain is above 0.2 mm/h in none of the 4 hours from 8 h to 12 h ahead",
        ),
        (
            _rain(over(4, 6, Take.ALL)),
            _RAIN,
            True,
            "rain is above 0.2 mm/h in all of the 2 hours from 4 h to 6 h ahead",
        ),
        (_rain(over(0, 12, Take.ALL)), _RAIN, False, "rain is above 0.2 mm/h in only 5 of the next 12 hours"),
        (
            _rain(over(8, 12, Take.ALL)),
            _RAIN,
            False,
            "rain is above 0.2 mm/h in none of the 4 hours from 8 h to 12 h ahead",
        ),
        (_rain(over(0, 12, Take.ANY)), _SOME, True, "rain is above 0.2 mm/h in 4 of the next 12 hours (11 known)"),
        (
            _rain(over(0, 12, Take.MAX)),
            _RAIN,
            True,
            "the highest rain of the next 12 hours, 0.5 mm/h, is above 0.2 mm/h",
        ),
        (
            _rain(over(0, 12, Take.MIN)),
            _SOME,
            False,
            "the lowest rain of the next 12 hours (11 known), 0 mm/h, is not above 0.2 mm/h",
        ),
        (
            _rain(over(0, 12, Take.MEAN)),
            _RAIN,
            False,
            "the mean rain of the next 12 hours, 0.166667 mm/h, is not above 0.2 mm/h",
        ),
        (
            _rain(over(0, 12, Take.SUM), "mm", 1.5),
            _RAIN,
            True,
            "the total rain of the next 12 hours, 2 mm, is above 1.5 mm",
        ),
        (
            _rain(over(1, 2, Take.ANY)),
            _RAIN,
            True,
            "the rain of the hour from 1 h to 2 h ahead, 0.3 mm/h, is above 0.2 mm/h",
        ),
        (_rain(over(0, 1, Take.ALL)), _RAIN, False, "the rain of the next hour, 0.1 mm/h, is not above 0.2 mm/h"),
        (
            _rain(over(0, 1, Take.MAX)),
            _RAIN,
            False,
            "the highest rain of the next hour, 0.1 mm/h, is not above 0.2 mm/h",
        ),
        (
            compare(Metric.RAIN, "mm/h", over(0, 12, Take.MAX), above=0.2, below=0.4),
            _RAIN,
            False,
            "the highest rain of the next 12 hours, 0.5 mm/h, is not below 0.4 mm/h",
        ),
        (
            compare(Metric.RAIN, "mm/h", over(0, 12, Take.ANY), above=0.2, below=0.4),
            _RAIN,
            True,
            "rain is above 0.2 mm/h and below 0.4 mm/h in 3 of the next 12 hours",
        ),
        (
            Not(_rain(over(8, 12, Take.ANY))),
            _RAIN,
            True,
            "rain is above 0.2 mm/h in none of the 4 hours from 8 h to 12 h ahead",
        ),
        (
            Membership(frozenset({WeatherKind.RAIN, WeatherKind.FREEZING_RAIN}), over=over(0, 3, Take.HOURS, 2)),
            ahead(Metric.CONDITION, _SKY),
            True,
            "condition is freezing rain or rain in 2 of the next 3 hours, which is at least 2",
        ),
        (
            Membership(frozenset({WeatherKind.RAIN}), negated=True, over=over(0, 3, Take.ALL)),
            ahead(Metric.CONDITION, _SKY),
            False,
            "condition is not rain in only 1 of the next 3 hours",
        ),
        (
            Membership(frozenset({WeatherKind.RAIN}), over=over(0, 1, Take.ANY)),
            ahead(Metric.CONDITION, _SKY),
            False,
            "condition is not rain in the next hour",
        ),
        (
            Membership(frozenset({WeatherKind.RAIN}), negated=True, over=over(1, 2, Take.ANY)),
            ahead(Metric.CONDITION, _SKY),
            False,
            "condition is rain in the hour from 1 h to 2 h ahead",
        ),
        (
            Flag(Metric.IS_DAY, wanted=True, over=over(0, 3, Take.HOURS, 2)),
            _LIGHT,
            True,
            "it is day in 2 of the next 3 hours, which is at least 2",
        ),
        (Flag(Metric.IS_DAY, wanted=False, over=over(0, 1, Take.ANY)), _LIGHT, False, "it is day in the next hour"),
        (
            _hot(1, 3, EachDay.MAX, Take.ALL, 29),
            _HOT,
            True,
            "the highest temperature is at least 29 C on each of the days 2 Mar to 4 Mar",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.ALL, 30),
            _HOT,
            False,
            "the highest temperature is at least 30 C on only 2 of the days 2 Mar to 4 Mar",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.ANY, 30),
            _HOT,
            True,
            "the highest temperature is at least 30 C on 2 of the days 2 Mar to 4 Mar",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.ANY, 40),
            _HOT,
            False,
            "the highest temperature is at least 40 C on none of the days 2 Mar to 4 Mar",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.MAX, 30),
            _HOT,
            True,
            "the highest temperature of the days 2 Mar to 4 Mar, 33 C, is at least 30 C",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.MIN, 30),
            _HOT,
            False,
            "the lowest daily maximum of temperature of the days 2 Mar to 4 Mar, 29 C, is not at least 30 C",
        ),
        (_hot(1, 1, EachDay.MAX, Take.ANY, 30), _HOT, True, "the highest temperature of 2 Mar, 31 C, is at least 30 C"),
        (
            _hot(1, 1, EachDay.MIN, Take.MAX, 30),
            _HOT,
            False,
            "the lowest temperature of 2 Mar, 20 C, is not at least 30 C",
        ),
        (
            _rain(_days(1, 2, EachDay.SUM, Take.SUM), "mm", 30),
            _SHOWERS,
            True,
            "the total rain of the days 2 Mar to 3 Mar, 36 mm, is above 30 mm",
        ),
        (
            _rain(_days(1, 2, EachDay.SUM, Take.MEAN), "mm", 30),
            _SHOWERS,
            False,
            "the mean daily total of rain of the days 2 Mar to 3 Mar, 18 mm, is not above 30 mm",
        ),
    ],
)
def test_sentences_of_forecasts(condition: Condition, series: Series, truth: bool, said: str) -> None:
    """Semantics 9 and 32: the window in words, the number or count it came to, and whose forecast it was."""
    assert _said(condition, series) == f"{'Fired' if truth else 'Did not fire'}: {said} {_FORECAST}"


@pytest.mark.parametrize(
    ("condition", "series", "truth", "said"),
    [
        (
            _rain(over(-3, 0, Take.ANY)),
            behind(Metric.RAIN, [0.0, 1.0, 0.0]),
            True,
            f"rain is above 0.2 mm/h in 1 of the last 3 hours {_STORED}",
        ),
        (
            _rain(over(-1, 0, Take.ANY)),
            behind(Metric.RAIN, [1.0]),
            True,
            f"the rain of the last hour, 1 mm/h, is above 0.2 mm/h {_STORED}",
        ),
        (
            _rain(over(-3, -1, Take.ALL)),
            behind(Metric.RAIN, [0.0, 1.0, 0.0]),
            False,
            f"rain is above 0.2 mm/h in only 1 of the 2 hours from 3 h to 1 h ago {_STORED}",
        ),
        (
            _trend(Direction.FALLS, 5),
            behind(Metric.TEMPERATURE, [18.0, 17.0, 14.0]),
            True,
            f"temperature 12 C is 6 C below its highest of the last 3 hours, which is at least 5 C {_BOTH}",
        ),
        (
            _trend(Direction.FALLS, 12, "F"),
            behind(Metric.TEMPERATURE, [18.0, 17.0, 14.0]),
            False,
            f"temperature 53.6 F is 10.8 F below its highest of the last 3 hours, which is not at least 12 F {_BOTH}",
        ),
        (
            _trend(Direction.RISES, 1, within=1),
            behind(Metric.TEMPERATURE, [18.0]),
            False,
            f"temperature 12 C is 0 C above its lowest of the last hour, which is not at least 1 C {_BOTH}",
        ),
        (
            Trend(Metric.UV_INDEX, Direction.RISES, 2, "index", 2),
            behind(Metric.UV_INDEX, [0.0, 1.0]),
            True,
            f"uv index 3 is 3 above its lowest of the last 2 hours, which is at least 2 {_BOTH}",
        ),
    ],
)
def test_sentences_of_the_past(condition: Condition, series: Series, truth: bool, said: str) -> None:
    """Semantics 6, 9 and 32: what was read, and how far the present is from it."""
    assert _said(condition, series) == f"{'Fired' if truth else 'Did not fire'}: {said}"


@pytest.mark.parametrize(
    ("condition", "series", "said"),
    [
        (_rain(over(0, 12, Take.ANY)), None, "rain is known for none of the next 12 hours (there is no forecast)."),
        (_rain(over(0, 1, Take.ANY)), None, "rain is not known for the next hour (there is no forecast)."),
        (
            _rain(over(0, 12, Take.ANY)),
            ahead(Metric.RAIN, [1.0] * 6),
            f"rain is known for only 6 of the next 12 hours {_FORECAST}",
        ),
        (
            _rain(over(-4, 0, Take.ANY)),
            behind(Metric.RAIN, [1.0, 1.0]),
            f"rain is known for only 2 of the last 4 hours {_STORED}",
        ),
        (
            _rain(over(-2, 2, Take.ANY)),
            behind(Metric.RAIN, [1.0, 1.0]),
            f"rain is known for only 2 of the 4 hours from 2 h ago to 2 h ahead (there is no forecast) {_STORED}",
        ),
        (
            _hot(1, 3, EachDay.MAX, Take.ALL, 29),
            ahead(Metric.TEMPERATURE, [1.0] * 36, _ZURICH),
            f"the highest temperature is known for only 1 of the days 2 Mar to 4 Mar {_FORECAST}",
        ),
        (
            _hot(1, 1, EachDay.MEAN, Take.ALL, 29),
            ahead(Metric.TEMPERATURE, [], _ZURICH),
            "the mean temperature is not known for 2 Mar.",
        ),
        (
            _hot(1, 1, EachDay.MAX, Take.ALL, 29),
            replace(_HOT, zone=None),
            "the time zone of the place is not known, and so its days are not.",
        ),
        (
            _trend(Direction.RISES, 1),
            behind(Metric.TEMPERATURE, [1.0]),
            f"temperature is known for only 1 of the last 3 hours {_BOTH}",
        ),
        (
            Trend(Metric.PRESSURE, Direction.FALLS, 3, "hPa", 3),
            behind(Metric.PRESSURE, [1.0]),
            "pressure is missing in the reading (OpenWeather, observed 14:00 UTC, 6 min ago).",
        ),
    ],
)
def test_sentences_of_what_is_not_known(condition: Condition, series: Series | None, said: str) -> None:
    """Semantics 2, 9 and 32: how much is known, of how much, and why there is no more."""
    assert _said(condition, series) == f"No verdict: {said}"


def test_an_old_forecast_is_told_with_its_age() -> None:
    """Semantics 2, 4 and 32: how old it was."""
    assert _RAIN.forecast is not None
    old = replace(_RAIN, forecast=replace(_RAIN.forecast, fetched_at=AT - timedelta(minutes=190)))
    said = "rain is known for none of the next 12 hours (the forecast was fetched 190 min ago)"
    assert _said(_rain(over(0, 12, Take.ANY)), old) == f"No verdict: {said}."
    settled = compare(Metric.RAIN, "mm/h", over(0, 12, Take.ANY), above=0.2)
    assert _said(replace(settled, if_missing=False), old) == f"Did not fire: {said}, which this rule takes as false."


def test_every_source_is_told_once() -> None:
    """Semantics 32: the present, what was stored and the forecast, of the leaves that decided."""
    series = Series(AT, hours(Metric.RAIN, -2, [1.0, 1.0]), forecast(hours(Metric.RAIN, 0, [1.0, 1.0])))
    mild = compare(Metric.TEMPERATURE, "C", None, above=5)
    said = _said(All((mild, _rain(over(-2, 2, Take.ALL)), _rain(over(0, 2, Take.ANY)))), series)
    parts = [
        "temperature 12 C is above 5 C",
        "rain is above 0.2 mm/h in all of the 4 hours from 2 h ago to 2 h ahead",
        "rain is above 0.2 mm/h in 2 of the next 2 hours",
    ]
    now = "OpenWeather, observed 14:00 UTC, 6 min ago"
    sources = f"{now}; stored readings; forecast by OpenWeather, fetched 13:46 UTC, 20 min ago"
    assert said == f"Fired: {' and '.join(parts)} ({sources})."
    assert _said(Any((mild, _rain(over(0, 2, Take.MIN), above=5))), series) == f"Fired: {parts[0]} ({now})."


def test_the_stored_tree() -> None:
    """Semantics 32: per window the number or count, the steps known and needed, and the forecast if it was used."""
    series = Series(AT, hours(Metric.TEMPERATURE, -3, [18.0, 17.0, 14.0]), _SOME.forecast)
    condition = All(
        (
            _rain(over(0, 12, Take.HOURS, 3)),
            _trend(Direction.FALLS, 5),
            _hot(0, 2, EachDay.MAX, Take.ALL, 38),
            Flag(Metric.ALERT, wanted=True, over=over(-2, 0, Take.ANY)),
        )
    )
    result = evaluate(condition, _PRESENT, at=AT, series=series)
    assert orjson.loads(orjson.dumps(document(result, _PRESENT)))["condition"]["all"] == [
        {
            "metric": "rain",
            "value": 4,
            "unit": "mm/h",
            "above": 0.2,
            "over": {"from": "+0 h", "to": "+12 h", "take": "hours", "at_least": 3},
            "steps": {"known": 11, "needed": 12},
            "forecast": {"provider": "openweather", "fetched_at": "2026-03-01T13:46:00+00:00"},
            "result": True,
        },
        {
            "metric": "temperature",
            "value": 6,
            "present": 12,
            "unit": "C",
            "falls_by": 5,
            "within": "3 h",
            "steps": {"known": 3, "needed": 3},
            "result": True,
        },
        {
            "metric": "temperature",
            "value": None,
            "unit": "C",
            "at_least": 38,
            "over": {"days": [0, 2], "each_day": "max", "take": "all"},
            "steps": {"known": 0, "needed": 3},
            "result": None,
            "missing": "the time zone of the place is not known, and so its days are not",
        },
        {
            "metric": "alert",
            "value": None,
            "is": True,
            "over": {"from": "-2 h", "to": "+0 h", "take": "any"},
            "steps": {"known": 0, "needed": 2},
            "result": None,
            "missing": "alert is known for none of the last 2 hours",
        },
    ]
