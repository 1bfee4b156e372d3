"""OpenWeather's current weather as a reading."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from weathertrigger.domain.weather import Metric, Reading, WeatherKind, place_at
from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.providers.openweather.parse import parse_current

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE = place_at(40.69, -74.17)
ORIGIN = Origin("openweather")

# Shaped after the vendor's documentation, numbers of our own. Any: JSON that the tests take apart.
RAINY: dict[str, Any] = {
    "coord": {"lon": -74.17, "lat": 40.69},
    "weather": [
        {"id": 501, "main": "Rain", "description": "moderate rain", "icon": "10d"},
        {"id": 701, "main": "Mist", "description": "mist", "icon": "50d"},
    ],
    "base": "stations",
    "main": {"temp": 7.25, "feels_like": 4, "temp_min": 6.1, "temp_max": 8.8, "pressure": 1009, "humidity": 93},
    "visibility": 4828,
    "wind": {"speed": 5.14, "deg": 70, "gust": 9.77},
    "rain": {"1h": 2.03},
    "snow": {"1h": 0.5},
    "clouds": {"all": 100},
    "dt": int((NOW - timedelta(minutes=7)).timestamp()),
    "sys": {"country": "US", "sunrise": 1795434000, "sunset": 1795468000},
    "timezone": -18000,
    "id": 5101798,
    "name": "Newark",
    "cod": 200,
}


def parse(body: Any) -> Reading:  # Any: the point of these tests
    return parse_current(body, PLACE, NOW, ORIGIN)


def changed(path: str, value: object) -> dict[str, Any]:  # Any: idem
    """The rainy body with one value replaced, or gone where the value is `...`."""
    body = copy.deepcopy(RAINY)
    *way, last = path.split(".")
    inner = body
    for step in way:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return body


def test_a_full_answer_gives_every_metric_in_canonical_units() -> None:
    """Units are those of `units=metric`, the time is that of the observation (semantics 4, 5)."""
    reading = parse(RAINY)
    assert reading.observed_at == NOW - timedelta(minutes=7)
    assert (reading.place_id, reading.provider, reading.fetched_at) == ("40.69,-74.17", "openweather", NOW)
    assert reading.values == {
        Metric.TEMPERATURE: 7.25,
        Metric.FEELS_LIKE: 4.0,
        Metric.HUMIDITY: 93.0,
        Metric.PRESSURE: 1009.0,
        Metric.WIND_SPEED: 5.14,
        Metric.WIND_GUST: 9.77,
        Metric.WIND_DIRECTION: 70.0,
        Metric.CLOUDS: 100.0,
        Metric.VISIBILITY: 4828.0,
        Metric.RAIN: 2.03,
        Metric.SNOW: 0.5,
        Metric.PRECIPITATION: 2.53,
        Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.MIST),
        Metric.IS_DAY: True,
    }
    assert reading.discarded == {}


def test_precipitation_is_a_number_to_be_read() -> None:
    """The sum shows no dust of binary fractions in an explanation."""
    body = changed("rain", {"1h": 0.17}) | {"snow": {"1h": 0.14}}
    assert str(parse(body).values[Metric.PRECIPITATION]) == "0.31"


@pytest.mark.parametrize(("key", "metric"), [("rain", Metric.RAIN), ("snow", Metric.SNOW)])
def test_an_absent_key_of_precipitation_is_0(key: str, metric: Metric) -> None:
    """No rain is told by silence in a valid answer (semantics 3)."""
    reading = parse(changed(key, ...))
    assert reading.values[metric] == 0.0
    assert reading.values[Metric.PRECIPITATION] == (0.5 if key == "rain" else 2.03)


@pytest.mark.parametrize(
    "value", [None, {}, {"3h": 2.0}, {"1h": "2.0"}, {"1h": None}, {"1h": True}, 2.0, [], {"1h": -1}]
)
def test_a_key_of_precipitation_that_cannot_be_read_is_unknown(value: object) -> None:
    """The key is there, so it does rain or may; 0 would be a made-up number, of the sum too."""
    values = parse(changed("rain", value)).values
    assert Metric.RAIN not in values
    assert Metric.PRECIPITATION not in values
    assert values[Metric.SNOW] == 0.5


@pytest.mark.parametrize(
    ("path", "metric"),
    [
        ("wind.gust", Metric.WIND_GUST),
        ("wind", Metric.WIND_SPEED),
        ("visibility", Metric.VISIBILITY),
        ("clouds", Metric.CLOUDS),
        ("main.feels_like", Metric.FEELS_LIKE),
        ("weather", Metric.CONDITION),
        ("weather", Metric.IS_DAY),
    ],
)
def test_any_other_absent_metric_is_unknown(path: str, metric: Metric) -> None:
    """An absent gust is not a calm (semantics 3)."""
    assert metric not in parse(changed(path, ...)).values


@pytest.mark.parametrize("value", ["5.14", None, True, [5], {"value": 5}])
def test_a_metric_of_the_wrong_type_is_unknown(value: object) -> None:
    """Nothing is converted that is not a number."""
    assert Metric.WIND_SPEED not in parse(changed("wind.speed", value)).values


def test_an_absurd_wind_is_unknown_and_named() -> None:
    """1,048 mph are 468 m/s (semantics 3)."""
    reading = parse(changed("wind.speed", 468.5))
    assert Metric.WIND_SPEED not in reading.values
    assert reading.discarded == {Metric.WIND_SPEED: 468.5}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dt", ...),
        ("dt", "1795434000"),
        ("dt", 0),
        ("dt", -5),
        ("dt", True),
        ("dt", 1.5),
        ("dt", int(NOW.timestamp()) * 1000),
        ("dt", int(NOW.timestamp()) + 7200),
        ("main", ...),
        ("main", []),
        ("main.temp", ...),
        ("main.temp", "7.25"),
    ],
)
def test_an_answer_without_its_frame_is_an_error(path: str, value: object) -> None:
    """Without the time of observation or the temperature it is not the current weather at all, so no rain is not 0."""
    with pytest.raises(Transient, match="not the current weather"):
        parse(changed(path, value))


@pytest.mark.parametrize("body", [None, [], "text", 3, {}])
def test_another_kind_of_json_is_an_error(body: object) -> None:
    """A list or a number is no weather."""
    with pytest.raises(Transient):
        parse(body)


@pytest.mark.parametrize(("icon", "is_day"), [("10d", True), ("10n", False), ("10", None), ("", None), (5, None)])
def test_day_and_night_are_in_the_icon(icon: object, is_day: bool | None) -> None:
    """The last letter of the primary entry's icon."""
    body = changed("weather", [{"id": 500, "icon": icon}])
    assert parse(body).values.get(Metric.IS_DAY) is is_day


@pytest.mark.parametrize(
    "entries", [[{"id": 501}, {"id": "no"}], [{"id": 501}, {}], [{"id": 501}, None], [{"id": 799}], [], {}]
)
def test_a_condition_that_cannot_be_read_whole_is_unknown(entries: object) -> None:
    """Half a condition would make `not_in: [snow]` true on no grounds."""
    assert Metric.CONDITION not in parse(changed("weather", entries)).values
