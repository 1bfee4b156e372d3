"""OpenWeather's current weather, version 2.5, as a reading."""

from datetime import timedelta

import pytest

from tests.unit.providers.openweather_bodies import CURRENT, HOUR, NOON, NOW, ORIGIN, PLACE, Body, changed
from weathertrigger.domain.weather import Metric, Reading, WeatherKind
from weathertrigger.errors import Transient
from weathertrigger.providers.openweather.parse_current import parse_current


def parse(body: Body) -> Reading:
    return parse_current(body, PLACE, NOW, ORIGIN)


def with_(path: str, value: object) -> Body:
    """The rainy body with one value replaced, or gone where the value is `...`."""
    return changed(CURRENT, path, value)


def test_a_full_answer_gives_every_metric_in_canonical_units() -> None:
    """Units are those of `units=metric`, the time is that of the observation (semantics 4, 5)."""
    reading = parse(CURRENT)
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
        Metric.SNOWFALL: 0.35,
        Metric.PRECIPITATION: 2.53,
        Metric.DEW_POINT: 6.19,
        Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.MIST),
        Metric.IS_DAY: True,
    }
    assert reading.discarded == {}


def test_precipitation_is_a_number_to_be_read() -> None:
    """The sum shows no dust of binary fractions in an explanation."""
    body = with_("rain", {"1h": 0.17}) | {"snow": {"1h": 0.14}}
    assert str(parse(body).values[Metric.PRECIPITATION]) == "0.31"


@pytest.mark.parametrize(("key", "metric"), [("rain", Metric.RAIN), ("snow", Metric.SNOW)])
def test_an_absent_key_of_precipitation_is_0(key: str, metric: Metric) -> None:
    """No rain is told by silence in a valid answer (semantics 3)."""
    reading = parse(with_(key, ...))
    assert reading.values[metric] == 0.0
    assert reading.values[Metric.PRECIPITATION] == (0.5 if key == "rain" else 2.03)


@pytest.mark.parametrize(
    "value", [None, {}, {"3h": 2.0}, {"1h": "2.0"}, {"1h": None}, {"1h": True}, 2.0, [], {"1h": -1}]
)
def test_a_key_of_precipitation_that_cannot_be_read_is_unknown(value: object) -> None:
    """The key is there, so it does rain or may; 0 would be a made-up number, of the sum too."""
    values = parse(with_("rain", value)).values
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
        ("main.humidity", Metric.DEW_POINT),
        ("snow.1h", Metric.SNOWFALL),
    ],
)
def test_any_other_absent_metric_is_unknown(path: str, metric: Metric) -> None:
    """An absent gust is not a calm (semantics 3)."""
    assert metric not in parse(with_(path, ...)).values


@pytest.mark.parametrize("value", ["5.14", None, True, [5], {"value": 5}])
def test_a_metric_of_the_wrong_type_is_unknown(value: object) -> None:
    """Nothing is converted that is not a number."""
    assert Metric.WIND_SPEED not in parse(with_("wind.speed", value)).values


def test_an_absurd_wind_is_unknown_and_named() -> None:
    """1,048 mph are 468 m/s (semantics 3)."""
    reading = parse(with_("wind.speed", 468.5))
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
        parse(with_(path, value))


@pytest.mark.parametrize("body", [None, [], "text", 3, {}])
def test_another_kind_of_json_is_an_error(body: object) -> None:
    """A list or a number is no weather."""
    with pytest.raises(Transient):
        parse(body)


def test_what_version_25_does_not_tell_of_the_present_is_unknown() -> None:
    """No warnings, no UV index, no probability: not False and not 0."""
    assert not {Metric.ALERT, Metric.UV_INDEX, Metric.PRECIPITATION_PROBABILITY} & parse(CURRENT).values.keys()


def test_more_depth_of_snow_than_can_be_is_unknown() -> None:
    """Water may pass where the depth that follows from it cannot; nothing was told, so nothing is named."""
    reading = parse(with_("snow", {"1h": 200.0}))
    assert reading.values[Metric.SNOW] == 200.0
    assert Metric.SNOWFALL not in reading.values
    assert reading.discarded == {}


def test_a_dew_point_that_cannot_be_is_unknown() -> None:
    """Heat and moisture may each pass where what follows from both does not."""
    reading = parse(with_("main.temp", 50))
    assert reading.values[Metric.TEMPERATURE] == 50.0
    assert Metric.DEW_POINT not in reading.values
    assert reading.discarded == {}


@pytest.mark.parametrize("value", [-0.1, 450.5])
def test_nothing_follows_from_an_absurd_amount(value: float) -> None:
    """Neither the sum nor the depth."""
    reading = parse(with_("snow.1h", value))
    assert not {Metric.SNOW, Metric.SNOWFALL, Metric.PRECIPITATION} & reading.values.keys()
    assert reading.discarded == {Metric.SNOW: value}


@pytest.mark.parametrize(("icon", "is_day"), [("10d", True), ("10n", False), ("10", None), ("", None), (5, None)])
def test_day_and_night_are_in_the_icon(icon: object, is_day: bool | None) -> None:
    """The last letter of the primary entry's icon."""
    body = with_("weather", [{"id": 500, "icon": icon}]) | {"sys": {}}
    assert parse(body).values.get(Metric.IS_DAY) is is_day


@pytest.mark.parametrize(
    ("sunrise", "sunset", "is_day"),
    [
        (NOON - HOUR, NOON + HOUR, True),
        (NOON + HOUR, NOON + 9 * HOUR, False),
        (NOON - 9 * HOUR, NOON - HOUR, False),
        (NOON + HOUR, NOON - HOUR, None),
        (None, NOON + HOUR, None),
        ("1", NOON + HOUR, None),
        (0, NOON + HOUR, None),
    ],
)
def test_the_sun_tells_where_no_icon_does(sunrise: object, sunset: object, is_day: bool | None) -> None:
    """Sunrise and sunset of the day; times that cannot be say nothing."""
    body = with_("weather", ...) | {"sys": {"sunrise": sunrise, "sunset": sunset}}
    assert parse(body).values.get(Metric.IS_DAY) is is_day


@pytest.mark.parametrize(
    "entries", [[{"id": 501}, {"id": "no"}], [{"id": 501}, {}], [{"id": 501}, None], [{"id": 799}], [], {}]
)
def test_a_condition_that_cannot_be_read_whole_is_unknown(entries: object) -> None:
    """Half a condition would make `not_in: [snow]` true on no grounds."""
    assert Metric.CONDITION not in parse(with_("weather", entries)).values
