"""Open-Meteo's answers as readings and forecasts."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.providers.open_meteo_bodies import HOUR, NOW, QUARTER, RAINY, THREE, UNITS
from weathertrigger.domain.forecast import Forecast
from weathertrigger.domain.weather import Metric, Reading, WeatherKind, place_at
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.providers.open_meteo.parse import parse_answer, parse_current, parse_hourly
from weathertrigger.providers.open_meteo.variables import VARIABLES
from weathertrigger.providers.port import Weather

PLACE = place_at(52.52, 13.41)
ORIGIN = Origin("open_meteo")


def current(document: Any) -> Reading:  # Any: the point of these tests
    return parse_current(document, PLACE, NOW, ORIGIN)


def hourly(document: Any) -> Forecast:  # Any: idem
    return parse_hourly(document, PLACE, NOW, ORIGIN)


def changed(*changes: tuple[str, object]) -> dict[str, Any]:  # Any: idem
    """The rainy document with values replaced, or gone where the value is `...`."""
    document = copy.deepcopy(RAINY)
    for path, value in changes:
        section, key = path.split(".")
        if value is ...:
            del document[section][key]
        else:
            document[section][key] = value
    return document


def test_a_full_answer_gives_every_metric_in_canonical_units() -> None:
    """Sums of a quarter of an hour become mm/h, 0.7 cm of snow are a millimetre of water (semantics 4, 5)."""
    reading = current(RAINY)
    assert reading.observed_at == datetime(2026, 11, 23, 15, 45, tzinfo=UTC)
    assert (reading.place_id, reading.provider, reading.fetched_at) == ("52.52,13.41", "open_meteo", NOW)
    assert reading.values == {
        Metric.TEMPERATURE: 1.3,
        Metric.FEELS_LIKE: -2.5,
        Metric.DEW_POINT: 0.9,
        Metric.HUMIDITY: 97.0,
        Metric.PRESSURE: 1009.3,
        Metric.WIND_SPEED: 4.11,
        Metric.WIND_GUST: 9.7,
        Metric.WIND_DIRECTION: 271.0,
        Metric.CLOUDS: 100.0,
        Metric.VISIBILITY: 5340.0,
        Metric.UV_INDEX: 0.05,
        Metric.PRECIPITATION_PROBABILITY: 84.0,
        Metric.RAIN: 1.6,
        Metric.SNOWFALL: 0.28,
        Metric.SNOW: 0.4,
        Metric.PRECIPITATION: 2.0,
        Metric.CONDITION: (WeatherKind.RAIN,),
        Metric.IS_DAY: False,
    }
    assert reading.discarded == {}


def test_only_an_alert_cannot_be_told() -> None:
    """Open-Meteo has no warnings: the metric stays unknown, it is not False (semantics 3)."""
    assert set(Metric) - current(RAINY).values.keys() == {Metric.ALERT}


def test_everything_asked_for_is_in_the_example() -> None:
    """The example has each variable in the unit that is asked for, so that these tests leave none out."""
    assert {variable.name: variable.unit for variable in VARIABLES} == UNITS


@pytest.mark.parametrize("variable", [variable for variable in VARIABLES if variable.name != "temperature_2m"])
@pytest.mark.parametrize("value", [None, ..., "5", True, [5], {"value": 5}], ids=repr)
def test_what_is_no_number_is_unknown(variable: Any, value: object) -> None:  # Any: a parameter
    """null, an absent key or another type is never a default, nor are sums that it is a part of (semantics 3)."""
    whole = current(RAINY).values
    values = current(changed((f"current.{variable.name}", value))).values
    lost = whole.keys() - values.keys()
    expected = {
        "rain": {Metric.RAIN, Metric.PRECIPITATION},
        "showers": {Metric.RAIN, Metric.PRECIPITATION},
        "snowfall": {Metric.SNOWFALL, Metric.SNOW, Metric.PRECIPITATION},
        "weather_code": {Metric.CONDITION},
        "is_day": {Metric.IS_DAY},
    }
    assert lost == expected.get(variable.name, {variable.metric})
    assert all(values[metric] == whole[metric] for metric in values)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("wind_speed_10m", "km/h"),
        ("wind_gusts_10m", "mp/h"),
        ("apparent_temperature", "°F"),
        ("visibility", "ft"),
        ("rain", "inch"),
        ("snowfall", "mm"),
        ("uv_index", "undefined"),
        ("pressure_msl", None),
        ("cloud_cover", ...),
    ],
)
def test_a_value_in_another_unit_is_unknown(name: str, unit: object) -> None:
    """18 km/h are not 18 m/s; `discarded` is for what is absurd, and this is not."""
    metrics = {variable.name: variable.metric for variable in VARIABLES} | {
        "rain": Metric.RAIN,
        "snowfall": Metric.SNOWFALL,
    }
    reading = current(changed((f"current_units.{name}", unit)))
    assert metrics[name] not in reading.values
    assert reading.discarded == {}
    assert all(metrics[name] not in values for values in hourly(changed((f"hourly_units.{name}", unit))).hours.values())


@pytest.mark.parametrize(("interval", "rain"), [(900, 1.6), (3600, 0.4), (600, 2.4)])
def test_the_interval_says_over_what_sums_add_up(interval: int, rain: float) -> None:
    """A quarter of an hour today, an hour where a model has no more."""
    assert current(changed(("current.interval", interval))).values[Metric.RAIN] == rain


@pytest.mark.parametrize(
    "change",
    [
        ("current.interval", ...),
        ("current.interval", None),
        ("current.interval", 0),
        ("current.interval", -900),
        ("current.interval", "900"),
        ("current.interval", True),
        ("current.interval", 900_000),
        ("current_units.interval", "minutes"),
    ],
)
def test_without_an_interval_nothing_that_falls_is_known(change: tuple[str, object]) -> None:
    """A sum over nobody knows what is no rate, and 0 would be a made-up one."""
    values = current(changed(change)).values
    assert not values.keys() & {Metric.RAIN, Metric.SNOW, Metric.SNOWFALL, Metric.PRECIPITATION}
    assert values[Metric.TEMPERATURE] == 1.3


@pytest.mark.parametrize(
    ("name", "value", "metric", "shown"),
    [
        ("wind_speed_10m", 468.5, Metric.WIND_SPEED, 468.5),
        ("rain", 200, Metric.RAIN, 800.4),
        ("showers", -0.1, Metric.RAIN, -0.4),
        ("snowfall", 30, Metric.SNOWFALL, 120.0),
        ("relative_humidity_2m", 101, Metric.HUMIDITY, 101.0),
    ],
)
def test_an_absurd_value_is_unknown_and_named(name: str, value: float, metric: Metric, shown: float) -> None:
    """So is what would have been made of it: no snow water from an absurd depth (semantics 3)."""
    reading = current(changed((f"current.{name}", value)))
    assert reading.discarded == {metric: shown}
    assert metric not in reading.values
    if metric in {Metric.RAIN, Metric.SNOWFALL}:
        assert Metric.PRECIPITATION not in reading.values
    if metric is Metric.SNOWFALL:
        assert Metric.SNOW not in reading.values


@pytest.mark.parametrize("code", [4, 50, 100, -1, 61.5])
def test_a_code_that_is_not_published_is_unknown(code: float) -> None:
    """Not a guess."""
    assert Metric.CONDITION not in current(changed(("current.weather_code", code))).values


@pytest.mark.parametrize("value", [2, -1, 0.5])
def test_day_is_1_and_night_is_0(value: float) -> None:
    """Anything else is neither."""
    assert Metric.IS_DAY not in current(changed(("current.is_day", value))).values


@pytest.mark.parametrize(
    "change",
    [
        ("current.time", ...),
        ("current.time", None),
        ("current.time", "2026-11-23T15:45"),
        ("current.time", str(QUARTER)),
        ("current.time", QUARTER * 1000),
        ("current.time", QUARTER + 7200),
        ("current.time", True),
        ("current.time", 0),
        ("current.time", -5),
        ("current.time", QUARTER + 0.5),
        ("current_units.time", "iso8601"),
        ("current_units.time", ...),
        ("current.temperature_2m", None),
        ("current.temperature_2m", ...),
        ("current_units.temperature_2m", "°F"),
    ],
)
def test_a_section_without_its_frame_is_an_error(change: tuple[str, object]) -> None:
    """Without the time or the temperature it is not the current weather at all."""
    with pytest.raises(Transient, match="current weather"):
        current(changed(change))


@pytest.mark.parametrize("document", [None, [], "text", 3, {}, {"current": []}, {"error": True}, [RAINY]])
def test_another_kind_of_json_is_an_error(document: object) -> None:
    """A list or a number is no weather, neither now nor to come."""
    with pytest.raises(Transient):
        current(document)
    with pytest.raises(Transient):
        hourly(document)


def test_an_hour_holds_what_begins_with_it_and_what_falls_in_it() -> None:
    """What looks back at 16:00 was in the hour from 15:00 on: rain, gusts, its chance and its code."""
    forecast = hourly(RAINY)
    assert (forecast.place_id, forecast.provider, forecast.fetched_at) == ("52.52,13.41", "open_meteo", NOW)
    assert forecast.days == {}
    assert list(forecast.hours) == [HOUR - 1, HOUR, HOUR + 1, HOUR + 2]
    assert forecast.hours[HOUR] == {
        Metric.TEMPERATURE: 1.5,
        Metric.FEELS_LIKE: -2.1,
        Metric.DEW_POINT: 1.0,
        Metric.HUMIDITY: 96.0,
        Metric.PRESSURE: 1009.0,
        Metric.WIND_SPEED: 4.0,
        Metric.WIND_GUST: 9.6,
        Metric.WIND_DIRECTION: 270.0,
        Metric.CLOUDS: 99.0,
        Metric.VISIBILITY: 5000.0,
        Metric.UV_INDEX: 0.2,
        Metric.PRECIPITATION_PROBABILITY: 80.0,
        Metric.RAIN: 1.5,
        Metric.SNOWFALL: 0.14,
        Metric.SNOW: 0.2,
        Metric.PRECIPITATION: 1.7,
        Metric.CONDITION: (WeatherKind.RAIN,),
        Metric.IS_DAY: True,
    }


def test_the_first_and_the_last_hour_are_known_in_part() -> None:
    """Of the hour before the first entry only what fell, of the last one only how it begins."""
    hours = hourly(RAINY).hours
    assert hours[HOUR - 1][Metric.RAIN] == 0.6
    assert Metric.TEMPERATURE not in hours[HOUR - 1]
    assert hours[HOUR + 2][Metric.TEMPERATURE] == 1.1
    assert not hours[HOUR + 2].keys() & {Metric.RAIN, Metric.SNOW, Metric.WIND_GUST, Metric.CONDITION}


def test_a_null_in_an_array_is_one_unknown_value() -> None:
    """The hours beside it are untouched."""
    hours = hourly(changed(("hourly.visibility", [5000.0, None, 6000.0]))).hours
    assert [hours[HOUR + hour].get(Metric.VISIBILITY) for hour in range(3)] == [5000.0, None, 6000.0]


def test_an_absurd_hour_is_unknown() -> None:
    """The bounds hold for every hour (semantics 3)."""
    hours = hourly(changed(("hourly.wind_speed_10m", [4.0, 468.5, 4.4]))).hours
    assert [hours[HOUR + hour].get(Metric.WIND_SPEED) for hour in range(3)] == [4.0, None, 4.4]


@pytest.mark.parametrize("column", [[5000.0, 5500.0], [5000.0] * 4, None, 5000.0, ...])
def test_a_column_that_does_not_fit_the_times_is_unknown(column: object) -> None:
    """Nobody can tell which hour its values are for."""
    hours = hourly(changed(("hourly.visibility", column))).hours
    assert all(Metric.VISIBILITY not in values for values in hours.values())
    assert hours[HOUR][Metric.TEMPERATURE] == 1.5


@pytest.mark.parametrize(
    "change",
    [
        ("hourly.time", ...),
        ("hourly.time", []),
        ("hourly.time", [THREE, THREE + 3600]),
        ("hourly.time", [THREE, THREE + 3600, THREE + 3600]),
        ("hourly.time", [THREE, THREE + 3600, THREE + 10_800]),
        ("hourly.time", [THREE + 7200, THREE + 3600, THREE]),
        ("hourly.time", [THREE + 1800, THREE + 5400, THREE + 9000]),
        ("hourly.time", [THREE * 1000, THREE * 1000 + 3600, THREE * 1000 + 7200]),
        ("hourly.time", [THREE - 40 * 86_400 + 3600 * hour for hour in range(3)]),
        ("hourly.time", ["2026-11-23T15:00", "2026-11-23T16:00", "2026-11-23T17:00"]),
        ("hourly.time", [THREE, None, THREE + 7200]),
        ("hourly_units.time", "iso8601"),
        ("hourly_units.temperature_2m", "°F"),
        ("hourly.temperature_2m", [None, None, None]),
        ("hourly.temperature_2m", ...),
    ],
)
def test_a_forecast_without_its_frame_is_an_error(change: tuple[str, object]) -> None:
    """Without whole hours in a row, or any temperature, it is no forecast."""
    with pytest.raises(Transient, match="forecast"):
        hourly(changed(change))


def test_one_place_is_an_object_and_several_are_an_array_in_order() -> None:
    """Coordinates say nothing: every place here has those of the same grid cell."""
    places = [place_at(52.50 + step / 100, 13.41) for step in range(3)]
    documents: list[Any] = [changed(("current.temperature_2m", step)) for step in range(3)]  # Any: JSON
    answers = parse_answer(documents, places, NOW, ORIGIN, now=True, ahead=False)
    assert [_temperature(answers[place.id]) for place in places] == [0, 1, 2]
    assert _temperature(parse_answer(documents[2], places[:1], NOW, ORIGIN, now=True, ahead=False)[places[0].id]) == 2


def _temperature(answer: Weather | ServiceError) -> object:
    assert isinstance(answer, Weather)
    assert answer.reading is not None
    return answer.reading.values[Metric.TEMPERATURE]


@pytest.mark.parametrize("body", [[RAINY], [RAINY] * 3, [], RAINY, None, "text"])
def test_an_array_of_another_length_is_an_error(body: Any) -> None:  # Any: JSON
    """Nobody can tell whose weather it is."""
    places = [place_at(52.52, 13.41), place_at(52.53, 13.41)]
    with pytest.raises(Transient, match="2 places"):
        parse_answer(body, places, NOW, ORIGIN, now=True, ahead=True)


def test_a_place_without_weather_does_not_take_the_others_with_it() -> None:
    """The reason stands in its place."""
    places = [place_at(52.52, 13.41), place_at(52.53, 13.41)]
    answers = parse_answer([RAINY, {"latitude": 1.0}], places, NOW, ORIGIN, now=True, ahead=True)
    assert isinstance(answers[places[0].id], Weather)
    assert isinstance(answers[places[1].id], Transient)


@pytest.mark.parametrize(("now", "ahead"), [(True, False), (False, True), (True, True)])
def test_only_what_was_asked_for_is_read(now: bool, ahead: bool) -> None:
    """A forecast that nobody asked for need not be there."""
    document = {name: value for name, value in RAINY.items() if name.startswith("current") <= now}
    document = {name: value for name, value in document.items() if name.startswith("hourly") <= ahead}
    answer = parse_answer(document, [PLACE], NOW, ORIGIN, now=now, ahead=ahead)[PLACE.id]
    assert isinstance(answer, Weather)
    assert (answer.reading is not None, answer.forecast is not None) == (now, ahead)


def test_a_clock_that_is_a_little_behind_is_forgiven() -> None:
    """The observation may seem to be of tomorrow's minute."""
    early = NOW - timedelta(minutes=50)
    assert parse_current(RAINY, PLACE, early, ORIGIN).observed_at > early
