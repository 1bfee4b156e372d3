"""What the real API said once, read by us and by pyowm, a client that nobody here wrote."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.providers.openweather_bodies import ORIGIN, PLACE, RECORDED
from weathertrigger.domain.forecast import EachDay, Values, hour_of
from weathertrigger.domain.weather import Metric
from weathertrigger.providers.openweather.conditions import kinds_of
from weathertrigger.providers.openweather.parse_current import parse_current
from weathertrigger.providers.openweather.parse_forecast import parse_forecast
from weathertrigger.providers.openweather.parse_one_call import parse_one_call

Told = Any  # Any: pyowm has no types

ONE_CALL = RECORDED["one_call"]


def after(dt: int) -> datetime:
    return datetime.fromtimestamp(dt, UTC) + timedelta(minutes=1)


def assert_alike(values: Values, told: Told) -> None:
    """Every metric that pyowm shows of an entry; what it does not show is not among ours, or 0 of what falls."""
    shown = {
        Metric.TEMPERATURE: told.temp["temp"],
        Metric.FEELS_LIKE: told.temp["feels_like"],
        Metric.HUMIDITY: told.humidity,
        Metric.PRESSURE: told.pressure["press"],
        Metric.WIND_SPEED: told.wnd.get("speed"),
        Metric.WIND_GUST: told.wnd.get("gust"),
        Metric.WIND_DIRECTION: told.wnd.get("deg"),
        Metric.CLOUDS: told.clouds,
        Metric.VISIBILITY: told.visibility_distance,
        Metric.UV_INDEX: told.uvi,
        Metric.RAIN: told.rain.get("1h", 0.0),
        Metric.SNOW: told.snow.get("1h", 0.0),
    }
    assert {metric: values.get(metric) for metric in shown} == shown
    assert values[Metric.CONDITION] == kinds_of(told.weather_code)
    assert values[Metric.IS_DAY] is told.weather_icon_name.endswith("d")
    if told.dewpoint is not None:
        assert values[Metric.DEW_POINT] == told.dewpoint
    if told.precipitation_probability is not None:
        assert values[Metric.PRECIPITATION_PROBABILITY] == pytest.approx(told.precipitation_probability * 100)


@pytest.fixture(scope="module")
def weather() -> Told:
    """pyowm's reader of one entry."""
    return pytest.importorskip("pyowm.weatherapi30.weather", reason="pyowm is not installed").Weather


@pytest.fixture(scope="module")
def one_call() -> Told:
    """pyowm's reading of One Call."""
    module = pytest.importorskip("pyowm.weatherapi30.one_call", reason="pyowm is not installed")
    return module.OneCall.from_dict(ONE_CALL)


def test_the_present_of_version_25(weather: Told) -> None:
    """`rain` and `snow` come with `1h` and `3h` here; the hour's counts."""
    body = RECORDED["current"]
    reading = parse_current(body, PLACE, after(body["dt"]), ORIGIN)
    told = weather.from_dict(body)
    assert reading.observed_at.timestamp() == told.ref_time
    assert_alike(reading.values, told)
    assert reading.values[Metric.PRECIPITATION] == 0.31
    assert reading.discarded == {}


def test_the_forecast_of_version_25(weather: Told) -> None:
    """One step, which is three hours; the two after them have nothing of it that falls."""
    body = RECORDED["forecast"]
    (step,) = weather.from_dict_of_lists(body)
    end = datetime.fromtimestamp(step.ref_time, UTC)
    hours = parse_forecast(body, PLACE, end - timedelta(hours=2), ORIGIN).hours
    assert sorted(hours) == [hour_of(end) + off for off in (-3, -2, -1, 0, 1)]
    for off in (-3, -2, -1):
        assert_alike(hours[hour_of(end) + off], step)


def test_one_call(one_call: Told) -> None:
    """The present and twelve hours."""
    found = parse_one_call(ONE_CALL, PLACE, after(ONE_CALL["current"]["dt"]), ORIGIN, now=True, ahead=True)
    assert found.reading is not None
    assert found.forecast is not None
    assert found.reading.observed_at.timestamp() == one_call.current.ref_time
    assert_alike(found.reading.values, one_call.current)
    told = {one.ref_time // 3600: one for one in one_call.forecast_hourly}
    assert len(told) == 12
    assert found.forecast.hours.keys() == told.keys()
    for hour, values in found.forecast.hours.items():
        assert_alike(values, told[hour])


def test_the_warning_of_one_call(one_call: Told) -> None:
    """From 4 July 17:00 UTC; the recorded hours reach over its beginning."""
    found = parse_one_call(ONE_CALL, PLACE, after(ONE_CALL["current"]["dt"]), ORIGIN, now=True, ahead=True)
    assert found.reading is not None
    assert found.forecast is not None
    (alert,) = one_call.national_weather_alerts
    assert (alert.start, alert.end) == (1688490000, 1688623200)
    in_force = {hour for hour, values in found.forecast.hours.items() if values[Metric.ALERT]}
    assert in_force == {hour for hour in found.forecast.hours if alert.start <= hour * 3600 < alert.end}
    assert 0 < len(in_force) < 12
    assert found.reading.values[Metric.ALERT] is False


def test_the_days_of_one_call(one_call: Told) -> None:
    """3 to 5 July in Lisbon."""
    found = parse_one_call(ONE_CALL, PLACE, after(ONE_CALL["current"]["dt"]), ORIGIN, now=True, ahead=True)
    assert found.forecast is not None
    days = found.forecast.days
    assert sorted(days) == [date(2023, 7, 3), date(2023, 7, 4), date(2023, 7, 5)]
    for day, told in zip(sorted(days), one_call.forecast_daily, strict=True):
        assert days[day] == {
            EachDay.MIN: {Metric.TEMPERATURE: told.temp["min"]},
            EachDay.MAX: {
                Metric.TEMPERATURE: told.temp["max"],
                Metric.WIND_SPEED: told.wnd["speed"],
                Metric.WIND_GUST: told.wnd["gust"],
                Metric.UV_INDEX: told.uvi,
            },
            EachDay.SUM: dict.fromkeys((Metric.RAIN, Metric.SNOW, Metric.PRECIPITATION, Metric.SNOWFALL), 0.0),
        }
        assert (told.rain, told.snow) == ({}, {})
