"""The replay clock and what is derived from the recorded weather."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sandbox.replay_clock import YEAR, YEAR_START, ImpossibleClock, ReplayClock
from services.sandbox.weather import derived
from services.sandbox.weather.recorded import Observation
from services.sandbox.weather.sun import sun_times

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_MILD = Observation(YEAR_START, 15.0, 8.0, 50.0, 180.0, 3.0, None, 0.0, 1015.0, 16_000.0)


class _HeldClock:
    """A real clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = _EPOCH

    def __call__(self) -> datetime:
        return self.now


@given(
    start=st.timedeltas(timedelta(), YEAR - timedelta(microseconds=1)),
    speed=st.integers(0, 100_000),
    passed=st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_replay_time_is_start_plus_what_passed_times_the_speed(start: timedelta, speed: int, passed: timedelta) -> None:
    """And it wraps round at the year's end, whatever the speed."""
    real = _HeldClock()
    clock = ReplayClock(YEAR_START + start, speed, real)
    real.now += passed
    assert clock.moment().replay == YEAR_START + (start + passed * speed) % YEAR
    assert clock.moment().real == real.now


def test_setting_the_clock_is_seamless() -> None:
    """A new speed goes on from where the replay is; a new time goes on at the old speed."""
    real = _HeldClock()
    clock = ReplayClock(datetime(2013, 6, 1), 60, real)  # noqa: DTZ001  # naive means UTC
    real.now += timedelta(minutes=1)
    clock.set(speed=0)
    real.now += timedelta(minutes=5)
    assert clock.moment().replay == datetime(2013, 6, 1, 1, tzinfo=UTC)
    clock.set(at=datetime.fromisoformat("2013-06-01T08:00-04:00"), speed=2)
    real.now += timedelta(hours=1)
    assert clock.moment().replay == datetime(2013, 6, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf"), 2_000_000])
def test_a_speed_that_cannot_be(speed: float) -> None:
    """Backwards, not a number, or beyond the bound."""
    with pytest.raises(ImpossibleClock, match="speed"):
        ReplayClock(YEAR_START, speed, _HeldClock())


@given(
    temperature=st.floats(-40, 45),
    humidity=st.floats(5, 100),
    wind=st.floats(0, 500),
    fell=st.one_of(st.just(0.0), st.floats(0.2, 60)),
    visibility=st.floats(0, 16_000),
)
def test_every_weather_has_a_code_that_fits_it(
    temperature: float, humidity: float, wind: float, fell: float, visibility: float
) -> None:
    """Something falls exactly when the code says so, rain and snow add up, clouds are a percentage."""
    observation = replace(
        _MILD, temperature=temperature, humidity=humidity, wind_speed=wind, precipitation=fell, visibility=visibility
    )
    rain, snow = derived.rain_and_snow(observation)
    assert rain + snow == pytest.approx(fell)
    assert (derived.sky(observation).group in {"Rain", "Snow"}) == (fell > 0)
    assert (derived.sky(observation).group == "Snow") == (snow > 0)
    assert 0 <= derived.clouds(observation) <= 100


@pytest.mark.parametrize(
    ("celsius", "wind", "humidity", "feels"),
    [
        (15.0, 3.0, 50.0, 15.0),
        (-10.0, 30 / 3.6, 50.0, -19.5),  # Environment Canada's wind chill table: -20
        (32.22, 0.0, 70.0, 41.1),  # the National Weather Service's heat index chart: 90 F and 70 % feel like 106 F
    ],
)
def test_feels_like_agrees_with_the_published_tables(
    celsius: float, wind: float, humidity: float, feels: float
) -> None:
    """To one degree."""
    observation = replace(_MILD, temperature=celsius, wind_speed=wind, humidity=humidity)
    assert derived.feels_like(observation) == pytest.approx(feels, abs=0.6)


def test_the_ultraviolet_is_highest_at_noon_and_none_at_night() -> None:
    """A half sine, damped by clouds."""
    sunrise, sunset = sun_times(date(2013, 6, 21), 40.7, -74.2)
    noon = sunrise + (sunset - sunrise) / 2
    assert derived.uv_index(noon, sunrise, sunset, 0) == pytest.approx(9)
    assert derived.uv_index(noon, sunrise, sunset, 100) == pytest.approx(3.6)
    assert derived.uv_index(sunset, sunrise, sunset, 0) == 0


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2013, 6, 21), 15.09), (date(2013, 12, 21), 9.25), (date(2013, 3, 20), 12.13)],
)
def test_days_are_as_long_as_the_almanac_says(day: date, hours: float) -> None:
    """New York's longest and shortest day and an equinox, to four minutes."""
    sunrise, sunset = sun_times(day, 40.71, -74.01)
    assert (sunset - sunrise) / timedelta(hours=1) == pytest.approx(hours, abs=0.07)
