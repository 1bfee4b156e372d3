"""OpenWeather's forecast, version 2.5, as a forecast by the hour."""

from datetime import timedelta
from itertools import product

import pytest

from tests.unit.providers.openweather_bodies import FORECAST, HOUR, NOON, NOW, ORIGIN, PLACE, Body, changed
from weathertrigger.domain.forecast import Forecast, Values, hour_of
from weathertrigger.domain.weather import Metric, Value, WeatherKind
from weathertrigger.errors import Transient
from weathertrigger.http.strict_json import Json
from weathertrigger.providers.openweather.client import Version25
from weathertrigger.providers.openweather.parse_forecast import parse_forecast

FIRST = hour_of(NOW)


def parse(body: Body) -> Forecast:
    return parse_forecast(body, PLACE, NOW, ORIGIN)


def hours(body: Body) -> dict[int, dict[Metric, Value]]:
    """The hours, counted from that of now."""
    return {hour - FIRST: dict(values) for hour, values in parse(body).hours.items()}


def number(values: Values, metric: Metric) -> float:
    value = values[metric]
    assert isinstance(value, float)
    return value


def test_what_falls_is_of_the_hours_before_a_step_and_the_rest_of_those_around_it() -> None:
    """Each of three hours has a third of the rain, and two thirds are not a hair less than they should be."""
    forecast = parse(FORECAST)
    assert (forecast.place_id, forecast.provider, forecast.fetched_at) == (PLACE.id, "openweather", NOW)
    assert forecast.days == {}
    told = hours(FORECAST)
    assert sorted(told) == list(range(11))
    assert told[0] == told[1] == told[2]
    assert told[0] == {
        Metric.TEMPERATURE: 3.0,
        Metric.FEELS_LIKE: 0.5,
        Metric.DEW_POINT: -0.12,
        Metric.HUMIDITY: 80.0,
        Metric.PRESSURE: 1009.0,
        Metric.WIND_SPEED: 4.5,
        Metric.WIND_GUST: 9.5,
        Metric.WIND_DIRECTION: 200.0,
        Metric.CLOUDS: 75.0,
        Metric.VISIBILITY: 9000.0,
        Metric.RAIN: 0.033333333,
        Metric.SNOW: 0.0,
        Metric.SNOWFALL: 0.0,
        Metric.PRECIPITATION: 0.033333333,
        Metric.PRECIPITATION_PROBABILITY: 7.0,
        Metric.CONDITION: (WeatherKind.RAIN,),
        Metric.IS_DAY: True,
    }
    warmth = [3.0, 3.0, 3.0, 3.0, 3.0, 6.0, 6.0, 6.0, 9.0, 9.0, 9.0]  # the steps are those of 3, 6 and 9 h ahead
    assert [told[hour][Metric.TEMPERATURE] for hour in range(11)] == warmth
    assert [told[hour].get(Metric.SNOW) for hour in range(11)] == [0.0] * 3 + [2.0] * 3 + [0.0] * 3 + [None] * 2
    assert [told[hour].get(Metric.CONDITION) for hour in (3, 5)] == [(WeatherKind.SNOW,)] * 2
    assert [told[3][metric] for metric in (Metric.SNOWFALL, Metric.IS_DAY)] == [1.4, True]
    assert told[5][Metric.IS_DAY] is False


def test_three_hours_together_are_the_amount_that_was_told() -> None:
    """At the six decimals of a comparison: 0.1 mm in a step is at least 0.1 mm in its three hours."""
    for amount in (0.1, 0.2, 0.05, 1.0, 7.3):
        told = hours(changed(FORECAST, "list.0.rain.3h", amount))
        for metric in (Metric.RAIN, Metric.PRECIPITATION):
            assert round(sum(number(told[hour], metric) for hour in range(3)), 6) == amount


def test_a_step_between_full_hours_belongs_to_the_hour_it_lies_in() -> None:
    """No hour is told of twice, and none is left out."""
    body = FORECAST
    for step in range(3):
        body = changed(body, f"list.{step}.dt", NOON + (step + 1) * 3 * HOUR + 2400)
    assert hours(body) == hours(FORECAST)


@pytest.mark.parametrize("metric", [Metric.RAIN, Metric.TEMPERATURE])
def test_the_promised_hours_are_known_whenever_it_is_asked_and_used(metric: Metric) -> None:
    """Semantics 9: at every phase of the steps, up to 66 minutes after the fetch; one hour more would be too many."""
    ends = set()
    for fetched, age in product(range(0, 180, 5), range(0, 67, 6)):
        at = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=fetched)
        first = -(-int(at.timestamp()) // (3 * HOUR)) * 3 * HOUR
        steps: list[Json] = [{"dt": first + 3 * HOUR * step, "main": {"temp": 1.0}} for step in range(40)]
        told = parse_forecast({"list": steps}, PLACE, at, ORIGIN).hours
        now = hour_of(at + timedelta(minutes=age + 30))
        assert all(metric in told[now + hour] for hour in range(Version25.horizon.sure_hours))
        ends.add(max(hour for hour, values in told.items() if metric in values) + 1 - now)
    assert min(ends) == Version25.horizon.sure_hours + (2 if metric is Metric.TEMPERATURE else 0)


@pytest.mark.parametrize("path", ["list.1.dt", "list.1.main", "list.1.main.temp", "list.1"])
@pytest.mark.parametrize("value", [None, "6", True, [], {}, 1.5, -3])
def test_a_step_that_cannot_be_read_leaves_its_hours_out(path: str, value: object) -> None:
    """Without a time or a temperature it is no step, so that no rain in it is not 0; the others stand."""
    if path == "list.1.main.temp" and isinstance(value, float | int) and not isinstance(value, bool):
        assert hours(changed(FORECAST, path, value))[5][Metric.TEMPERATURE] == value
        return
    told = hours(changed(FORECAST, path, value))
    assert [hour for hour in told if Metric.RAIN in told[hour]] == [0, 1, 2, 6, 7, 8]
    assert sorted(hour for hour in told if Metric.TEMPERATURE in told[hour]) == [0, 1, 2, 3, 4, 8, 9, 10]


def test_hours_that_two_steps_tell_of_are_unknown() -> None:
    """Which one is right cannot be known."""
    twice = hours(changed(FORECAST, "list.1.dt", NOON + 3 * HOUR))
    assert sorted(twice) == [6, 7, 8, 9, 10]
    told = hours(changed(FORECAST, "list.1.dt", NOON + 4 * HOUR))
    assert sorted(hour for hour in told if Metric.RAIN in told[hour]) == [0, 3, 6, 7, 8]
    assert sorted(hour for hour in told if Metric.TEMPERATURE in told[hour]) == [0, 1, 2, 5, 8, 9, 10]


@pytest.mark.parametrize("value", [None, {}, {"1h": 2.0}, {"3h": "2.0"}, {"3h": True}, 2.0, [], {"3h": -1}])
def test_an_amount_that_cannot_be_read_is_unknown(value: object) -> None:
    """The key is there, so it does rain or may (semantics 3)."""
    told = hours(changed(FORECAST, "list.0.rain", value))
    for hour in range(3):
        assert not {Metric.RAIN, Metric.PRECIPITATION} & told[hour].keys()
        assert told[hour][Metric.SNOW] == 0.0


def test_an_absurd_value_of_an_hour_is_unknown() -> None:
    """468 m/s of wind, and a probability of 120 % (semantics 3)."""
    body = changed(changed(FORECAST, "list.0.wind.speed", 468.5), "list.0.pop", 1.2)
    assert not {Metric.WIND_SPEED, Metric.PRECIPITATION_PROBABILITY} & hours(body)[0].keys()


@pytest.mark.parametrize(("pod", "is_day"), [("d", True), ("n", False), ("x", None), (None, None), ({}, None)])
def test_a_step_without_an_icon_says_day_or_night_itself(pod: object, is_day: bool | None) -> None:
    """`sys.pod`, the part of the day."""
    body = changed(changed(FORECAST, "list.0.weather", ...), "list.0.sys", {"pod": pod})
    assert hours(body)[0].get(Metric.IS_DAY) is is_day


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        changed(FORECAST, "list", []),
        changed(FORECAST, "list", {}),
        changed(FORECAST, "list", [None, {}, {"dt": NOON}]),
    ],
)
def test_an_answer_without_a_single_hour_is_an_error(body: Body) -> None:
    """An empty forecast would look like one that knows of no rain."""
    with pytest.raises(Transient, match="not a forecast"):
        parse(body)


@pytest.mark.parametrize("off", [-timedelta(days=3), timedelta(days=12), timedelta(days=20_000_000)])
def test_a_forecast_of_another_time_is_an_error(off: timedelta) -> None:
    """One that is days old, and one whose times are in milliseconds."""
    body = FORECAST
    for step in range(3):
        body = changed(body, f"list.{step}.dt", FORECAST["list"][step]["dt"] + int(off.total_seconds()))
    with pytest.raises(Transient, match="usable dt"):
        parse(body)
