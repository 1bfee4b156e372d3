"""One Call 3.0: reading, hours and days of one answer."""

from datetime import date, datetime, timedelta

import pytest

from tests.unit.providers.openweather_bodies import HOUR, NOON, NOW, ONE_CALL, ORIGIN, PLACE, Body, changed
from weathertrigger.domain.forecast import DayFigures, EachDay, Forecast, Values, hour_of
from weathertrigger.domain.weather import Metric, Reading, WeatherKind
from weathertrigger.errors import Transient
from weathertrigger.providers.openweather.parse_one_call import parse_one_call
from weathertrigger.providers.port import Weather

TODAY = date(2026, 11, 23)
FIRST = hour_of(NOW)
FLAT = {
    Metric.TEMPERATURE: 7.25,
    Metric.FEELS_LIKE: 4.0,
    Metric.DEW_POINT: 6.1,
    Metric.HUMIDITY: 93.0,
    Metric.PRESSURE: 1009.0,
    Metric.WIND_SPEED: 5.14,
    Metric.WIND_GUST: 9.77,
    Metric.WIND_DIRECTION: 70.0,
    Metric.CLOUDS: 100.0,
    Metric.VISIBILITY: 4828.0,
    Metric.UV_INDEX: 0.4,
    Metric.CONDITION: (WeatherKind.RAIN,),
    Metric.IS_DAY: True,
}


def parse(body: Body, *, at: datetime = NOW, now: bool = True, ahead: bool = True) -> Weather:
    return parse_one_call(body, PLACE, at, ORIGIN, now=now, ahead=ahead)


def reading(body: Body, at: datetime = NOW) -> Reading:
    found = parse(body, at=at).reading
    assert found is not None
    return found


def forecast(body: Body) -> Forecast:
    found = parse(body).forecast
    assert found is not None
    return found


def hour(body: Body, ahead: int) -> Values:
    return forecast(body).hours.get(FIRST + ahead, {})


def day(body: Body, ahead: int) -> DayFigures:
    return forecast(body).days.get(TODAY + timedelta(days=ahead), {})


def test_the_present_has_every_metric_in_canonical_units() -> None:
    """How probable precipitation is, is that of the hour; the warning begins later (semantics 4, 5)."""
    found = reading(ONE_CALL)
    assert found.observed_at == NOW - timedelta(minutes=7)
    assert (found.place_id, found.provider, found.fetched_at) == ("40.69,-74.17", "openweather", NOW)
    assert found.values == {
        **FLAT,
        Metric.RAIN: 2.03,
        Metric.SNOW: 0.5,
        Metric.SNOWFALL: 0.35,
        Metric.PRECIPITATION: 2.53,
        Metric.PRECIPITATION_PROBABILITY: 29.0,
        Metric.ALERT: False,
    }
    assert found.values.keys() == set(Metric)
    assert found.discarded == {}


def test_every_hour_has_every_metric() -> None:
    """An entry is of the hour that begins with it; absent rain is 0 (semantics 3)."""
    assert sorted(forecast(ONE_CALL).hours) == [FIRST, FIRST + 1, FIRST + 2]
    assert hour(ONE_CALL, 1) == {
        **FLAT,
        Metric.RAIN: 0.17,
        Metric.SNOW: 0.14,
        Metric.SNOWFALL: 0.098,
        Metric.PRECIPITATION: 0.31,
        Metric.PRECIPITATION_PROBABILITY: 50.0,
        Metric.ALERT: True,
    }
    dry = hour(ONE_CALL, 2)
    assert [dry[metric] for metric in (Metric.RAIN, Metric.SNOW, Metric.SNOWFALL, Metric.PRECIPITATION)] == [0.0] * 4
    assert (dry[Metric.CONDITION], dry[Metric.IS_DAY]) == ((WeatherKind.CLOUDS,), False)
    assert dry.keys() == set(Metric)


def test_a_day_has_the_figures_that_are_told_of_it() -> None:
    """Lowest and highest temperature, the strongest wind, what falls; not the values of noon. By local date."""
    assert sorted(forecast(ONE_CALL).days) == [TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=2)]
    assert day(ONE_CALL, 0) == {
        EachDay.MIN: {Metric.TEMPERATURE: 2.5},
        EachDay.MAX: {
            Metric.TEMPERATURE: 9.5,
            Metric.WIND_SPEED: 7.5,
            Metric.WIND_GUST: 14.5,
            Metric.UV_INDEX: 1.2,
        },
        EachDay.SUM: {
            Metric.RAIN: 12.25,
            Metric.SNOW: 1.5,
            Metric.SNOWFALL: 1.05,
            Metric.PRECIPITATION: 13.75,
        },
    }
    assert set(day(ONE_CALL, 1)[EachDay.SUM].values()) == {0.0}


@pytest.mark.parametrize(
    ("offset", "first"), [(-18000, 23), (0, 23), (5 * HOUR, 23), (8 * HOUR, 24), (-17 * HOUR, None), ("0", None)]
)
def test_the_date_of_a_day_is_the_places_own(offset: object, first: int | None) -> None:
    """17:00 UTC is the next day already east of seven hours; without a local time there are no days."""
    days = forecast(changed(ONE_CALL, "timezone_offset", offset)).days
    assert min(days, default=None) == (None if first is None else date(2026, 11, first))


@pytest.mark.parametrize("path", ["daily.1", "daily.1.dt", "daily.1.temp"])
@pytest.mark.parametrize("value", [..., None, "x", True, [], {}])
def test_a_day_that_cannot_be_read_is_left_out(path: str, value: object) -> None:
    """Without a temperature it is no day, and no rain in it is not 0."""
    if path == "daily.1" and value is ...:
        return
    assert sorted(forecast(changed(ONE_CALL, path, value)).days) == [TODAY, TODAY + timedelta(days=2)]


@pytest.mark.parametrize("value", [..., None, {}, "x", []])
def test_no_days_leave_the_hours(value: object) -> None:
    """`daily` may be missing."""
    found = forecast(changed(ONE_CALL, "daily", value))
    assert (len(found.hours), found.days) == (3, {})


def test_a_day_of_which_part_cannot_be_read() -> None:
    """The rest stands; a sum of which a part is unknown is unknown."""
    figures = day(changed(changed(ONE_CALL, "daily.0.rain", "12.25"), "daily.0.temp.min", None), 0)
    assert figures[EachDay.MIN] == {}
    assert figures[EachDay.MAX][Metric.TEMPERATURE] == 9.5
    assert figures[EachDay.SUM] == {Metric.SNOW: 1.5, Metric.SNOWFALL: 1.05}


@pytest.mark.parametrize(("rain", "known"), [(1825.0, True), (2500.0, False), (-1.0, False)])
def test_a_day_may_have_more_rain_than_an_hour(rain: float, known: bool) -> None:
    """The record of a day is four times that of an hour (semantics 3)."""
    assert (Metric.RAIN in day(changed(ONE_CALL, "daily.0.rain", rain), 0)[EachDay.SUM]) is known


def test_an_absurd_day_is_unknown() -> None:
    """468 m/s, 99 C."""
    body = changed(changed(ONE_CALL, "daily.0.wind_speed", 468.5), "daily.0.temp.max", 99)
    assert day(body, 0)[EachDay.MAX].keys() == {Metric.WIND_GUST, Metric.UV_INDEX}


@pytest.mark.parametrize(
    ("alerts", "now", "next_hour"),
    [
        (..., False, False),
        ([], False, False),
        (None, None, None),
        ({}, None, None),
        ([{"start": NOON, "end": NOON + 2 * HOUR}], True, True),
        ([{"start": NOON, "end": NOON + HOUR}], True, False),
        ([{"start": NOON - HOUR, "end": NOON + 1200}], False, False),
        ([{"start": NOON, "end": "soon"}], None, None),
        ([{"end": NOON + HOUR}, {"start": NOON, "end": NOON + HOUR}], True, None),
        ([None], None, None),
    ],
)
def test_a_warning_counts_from_its_start_to_its_end(alerts: object, now: bool | None, next_hour: bool | None) -> None:
    """Without the key there is none; one that cannot be read may be in force (semantics 3)."""
    body = changed(ONE_CALL, "alerts", alerts)
    assert reading(body).values.get(Metric.ALERT) is now
    assert hour(body, 1).get(Metric.ALERT) is next_hour


@pytest.mark.parametrize(
    ("minutes", "percent"), [(-20, 29.0), (39, 29.0), (40, 50.0), (100, 0.0), (160, None), (-30, None)]
)
def test_how_probable_it_is_now_is_told_by_the_hour(minutes: int, percent: float | None) -> None:
    """The entry whose hour contains the present; none: unknown. Only hours that were told of count."""
    at = NOW + timedelta(minutes=minutes)
    body = changed(ONE_CALL, "current.dt", int(at.timestamp()))
    assert reading(body, at).values.get(Metric.PRECIPITATION_PROBABILITY) == percent


@pytest.mark.parametrize("pop", [..., None, "0.5", True, [], 1.5, -0.5])
def test_a_probability_that_cannot_be_read_is_unknown(pop: object) -> None:
    """Of the hour, and so of now."""
    body = changed(ONE_CALL, "hourly.0.pop", pop)
    assert Metric.PRECIPITATION_PROBABILITY not in hour(body, 0)
    assert Metric.PRECIPITATION_PROBABILITY not in reading(body).values


@pytest.mark.parametrize("value", [..., None, "6.1", 55.0])
def test_a_dew_point_that_cannot_be_read_is_not_worked_out(value: object) -> None:
    """One Call tells it itself."""
    assert Metric.DEW_POINT not in reading(changed(ONE_CALL, "current.dew_point", value)).values


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("current", ...),
        ("current", []),
        ("current.dt", "1"),
        ("current.dt", NOON + 3 * HOUR),
        ("current.temp", ...),
        ("current.temp", {}),
    ],
)
def test_no_present_is_an_error_where_it_was_asked_for(path: str, value: object) -> None:
    """Where it was not, the forecast stands."""
    body = changed(ONE_CALL, path, value)
    with pytest.raises(Transient, match="no current weather"):
        parse(body)
    with pytest.raises(Transient):
        parse(body, ahead=False)
    found = parse(body, now=False)
    assert found.reading is None
    assert found.forecast is not None


@pytest.mark.parametrize(
    ("path", "value"), [("hourly", ...), ("hourly", []), ("hourly", {}), ("hourly", [None, {"dt": NOON}, {"temp": 1}])]
)
def test_no_hours_are_an_error_where_they_were_asked_for(path: str, value: object) -> None:
    """Where they were not, the present stands."""
    body = changed(ONE_CALL, path, value)
    with pytest.raises(Transient, match="no forecast"):
        parse(body)
    with pytest.raises(Transient):
        parse(body, now=False)
    found = parse(body, ahead=False)
    assert found.forecast is None
    assert found.reading is not None
    assert Metric.PRECIPITATION_PROBABILITY not in found.reading.values


def test_what_was_not_asked_for_comes_along() -> None:
    """One call has it all."""
    for now, ahead in ((True, False), (False, True)):
        found = parse(ONE_CALL, now=now, ahead=ahead)
        assert found.reading is not None
        assert found.forecast is not None


def test_an_old_observation_is_kept_with_its_time() -> None:
    """Whether it is too old is for the evaluation to say (semantics 4)."""
    assert reading(changed(ONE_CALL, "current.dt", NOON - 30 * HOUR)).observed_at == NOW - timedelta(
        hours=30, minutes=20
    )


def test_hours_that_two_entries_tell_of_are_unknown() -> None:
    """Which one is right cannot be known."""
    assert not hour(changed(ONE_CALL, "hourly.1.dt", NOON), 0)
    assert hour(changed(ONE_CALL, "hourly.1.dt", NOON), 2)


def test_a_day_without_an_icon_is_told_by_the_sun() -> None:
    """`current` has sunrise and sunset; an hour has not."""
    body = changed(changed(ONE_CALL, "current.weather", []), "hourly.0.weather", [])
    assert reading(body).values[Metric.IS_DAY] is True
    assert Metric.IS_DAY not in hour(body, 0)


@pytest.mark.parametrize("body", [None, [], "text", 3, {}])
def test_another_kind_of_json_is_an_error(body: object) -> None:
    """A list or a number is no weather."""
    with pytest.raises(Transient):
        parse(body)
