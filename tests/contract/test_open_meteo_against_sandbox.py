"""The Open-Meteo adapter against the sandbox over real HTTP: what it reads, what it costs, what refusals mean."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.contract.secrecy import everything_said_by
from weathertrigger.domain.forecast import hour_of
from weathertrigger.domain.weather import Metric, Place, WeatherKind, place_at
from weathertrigger.errors import QuotaExhausted, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.providers.open_meteo.client import OpenMeteo
from weathertrigger.providers.port import Weather

KEY = "0123456789abcdef"
NOW = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
NEWARK, JFK = place_at(40.69, -74.17), place_at(40.64, -73.78)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    """A fresh sandbox, whose clock stands still and whose replay in the storm of 7 June 2013."""
    with sandbox_thread(tmp_path, lambda: NOW) as client:
        client.set_clock("2013-06-07T23:30:00Z")
        yield client


@pytest.fixture
def open_meteo(sandbox: SandboxClient) -> OpenMeteo:
    """Our adapter, with a key."""
    return provider(sandbox, KEY)


def provider(sandbox: SandboxClient, api_key: str | None = None) -> OpenMeteo:
    return OpenMeteo(sandbox.url, api_key=api_key, clock=lambda: NOW)


def weather(open_meteo: OpenMeteo, place: Place) -> Weather:
    answer = open_meteo.ask([place], now=True, ahead=True)[place.id]
    assert isinstance(answer, Weather)
    return answer


def test_the_present_is_what_was_recorded(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """61 F, 18.4 mph and 0.38 inches of rain in the hour at Newark; observed in the last quarter of an hour."""
    reading = weather(open_meteo, NEWARK).reading
    assert reading
    assert reading.observed_at == datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    values = reading.values
    assert values[Metric.TEMPERATURE] == pytest.approx((61.0 - 32) / 1.8, abs=0.06)
    assert values[Metric.WIND_SPEED] == pytest.approx(18.41 * 0.44704, abs=0.01)
    assert values[Metric.RAIN] == pytest.approx(0.38 * 25.4, abs=0.03)
    assert values[Metric.PRECIPITATION] == values[Metric.RAIN]
    assert values[Metric.CONDITION] == (WeatherKind.RAIN,)
    assert set(Metric) - values.keys() == {Metric.ALERT}


@pytest.mark.parametrize("clock", [(0, 0), (15, 20), (23, 59)])
def test_the_forecast_reaches_as_far_as_is_promised(tmp_path: Path, clock: tuple[int, int]) -> None:
    """Every hour of the next seven days is there as a whole, at the beginning of a day of UTC as at its end, and so are
    the hours of today that are over, whatever the time zone of the place."""
    now = datetime(2026, 11, 23, *clock, tzinfo=UTC)
    with sandbox_thread(tmp_path, lambda: now) as sandbox:
        open_meteo = OpenMeteo(sandbox.url, clock=lambda: now)
        forecast = weather(open_meteo, NEWARK).forecast
    assert forecast
    for hour in range(hour_of(now) - 24, hour_of(now) + open_meteo.horizon.hours):
        assert {Metric.TEMPERATURE, Metric.RAIN, Metric.SNOW, Metric.CONDITION} <= forecast.hours[hour].keys()


def test_an_hour_holds_what_openweather_tells_of_it(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """The hour that begins at 15:00 has the rain of One Call's first hour, which is told at 15:40 here."""
    sandbox.set_clock("2013-06-07T20:40")
    where = {"lat": "40.69", "lon": "-74.17", "appid": "k", "units": "metric"}
    told = sandbox.get("/data/3.0/onecall", **where).json()["hourly"]
    forecast = weather(open_meteo, NEWARK).forecast
    assert forecast
    assert sum(entry.get("rain", {}).get("1h", 0) for entry in told) > 30  # mm
    for hour, entry in enumerate(told, hour_of(NOW)):
        values = forecast.hours[hour]
        assert values[Metric.RAIN] == entry.get("rain", {}).get("1h", 0)
        assert values[Metric.WIND_SPEED] == entry["wind_speed"]
        assert values[Metric.TEMPERATURE] == pytest.approx(entry["temp"], abs=0.056)
        assert values.get(Metric.WIND_GUST) == entry.get("wind_gust")
        assert (WeatherKind.RAIN in values[Metric.CONDITION]) == ("rain" in entry)  # type: ignore[operator]  # kinds


def test_snow_has_a_depth_and_a_weight(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """0.11 inches of water in the hour are 2.79 mm, and 1.96 cm deep; colder than 0 nothing of it is rain."""
    sandbox.set_clock("2013-02-09T04:10")
    reading = weather(open_meteo, NEWARK).reading
    assert reading
    assert reading.values[Metric.SNOW] == pytest.approx(0.11 * 25.4, abs=0.03)
    assert reading.values[Metric.SNOWFALL] == pytest.approx(0.11 * 25.4 * 0.7, abs=0.02)
    assert reading.values[Metric.RAIN] == 0
    assert reading.values[Metric.CONDITION] == (WeatherKind.SNOW,)


def test_a_null_gust_is_unknown(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """A gust that was not recorded is not a calm (semantics 3)."""
    sandbox.set_clock("2013-06-01T08:10")
    sent = sandbox.get("/v1/forecast", latitude="40.69", longitude="-74.17", current="wind_gusts_10m").json()
    assert sent["current"]["wind_gusts_10m"] is None
    reading = weather(open_meteo, NEWARK).reading
    assert reading
    assert Metric.WIND_GUST not in reading.values
    assert Metric.WIND_SPEED in reading.values


def test_the_impossible_wind_is_discarded(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """1,048 mph at Newark on 12 February, in the reading and in that hour of the forecast (semantics 3)."""
    sandbox.set_clock("2013-02-12T08:45")
    answer = weather(open_meteo, NEWARK)
    assert answer.reading
    assert answer.forecast
    assert answer.reading.discarded == {Metric.WIND_SPEED: pytest.approx(468.66, abs=0.01)}
    assert Metric.WIND_SPEED not in answer.reading.values
    windless = [hour for hour, values in answer.forecast.hours.items() if Metric.WIND_SPEED not in values]
    assert windless[-1] == hour_of(NOW)


def test_fifty_places_are_one_call_and_keep_their_order(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """Places alternate between two stations 30 km apart, and some share a grid cell: their weather is their own."""
    places = [
        place_at(station.latitude + step / 100, station.longitude) for step in range(25) for station in (NEWARK, JFK)
    ]
    answers = open_meteo.ask(places, now=True, ahead=True)
    assert list(answers) == [place.id for place in places]
    alone = {station.id: weather(open_meteo, station) for station in (NEWARK, JFK)}
    for place, station in zip(places, (NEWARK, JFK) * 25, strict=True):
        answer, expected = answers[place.id], alone[station.id]
        assert isinstance(answer, Weather)
        assert answer.reading
        assert answer.forecast
        assert expected.reading
        assert expected.forecast
        assert (answer.reading.place_id, answer.forecast.place_id) == (place.id, place.id)
        assert answer.reading.values == expected.reading.values
        assert answer.forecast.hours == expected.forecast.hours
    assert alone[NEWARK.id].reading != alone[JFK.id].reading
    assert len(sandbox.journal()) == 3


@pytest.mark.parametrize(
    ("count", "now", "ahead"), [(1, True, False), (1, True, True), (7, False, True), (50, True, True)]
)
def test_the_cost_is_what_the_sandbox_counts(
    sandbox: SandboxClient, open_meteo: OpenMeteo, count: int, now: bool, ahead: bool
) -> None:
    """Both sides work it out on their own."""
    open_meteo.ask([place_at(40 + step / 100, -74) for step in range(count)], now=now, ahead=ahead)
    entry = sandbox.journal()[-1]
    assert entry["calls"] == open_meteo.cost(count, now=now, ahead=ahead)
    assert KEY not in str(entry)


@pytest.mark.parametrize(
    ("limit", "wait"),
    [("minutely", timedelta(minutes=1)), ("hourly", timedelta(minutes=20)), ("concurrent", timedelta(seconds=1))],
)
def test_each_limit_has_its_wait(sandbox: SandboxClient, open_meteo: OpenMeteo, limit: str, wait: timedelta) -> None:
    """Until its counter begins anew, seen from 15:40; the next question is answered."""
    sandbox.fault("open_meteo", "rate_limit", limit=limit, count=1)
    with pytest.raises(RateLimited) as caught:
        open_meteo.ask([NEWARK], now=True, ahead=False)
    assert caught.value.retry_after == wait
    assert weather(open_meteo, NEWARK).reading


def test_a_day_that_is_used_up_opens_at_midnight(sandbox: SandboxClient, open_meteo: OpenMeteo) -> None:
    """Of UTC."""
    sandbox.fault("open_meteo", "rate_limit", limit="daily")
    with pytest.raises(QuotaExhausted) as caught:
        open_meteo.ask([NEWARK], now=True, ahead=False)
    assert caught.value.until == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Unauthorised), (403, Unauthorised), (404, Rejected), (500, Transient), (503, Transient)],
)
def test_each_status_has_its_error(
    sandbox: SandboxClient, open_meteo: OpenMeteo, status: int, kind: type[ServiceError]
) -> None:
    """With the reason that the real server gives."""
    sandbox.fault("open_meteo", "status", status=status)
    with pytest.raises(ServiceError) as caught:
        open_meteo.ask([NEWARK], now=True, ahead=True)
    assert type(caught.value) is kind
    assert KEY not in everything_said_by(caught.value)


def test_a_wrong_key_is_not_a_wrong_question(sandbox: SandboxClient) -> None:
    """400 as for a wrong latitude, but somebody has to be told."""
    with pytest.raises(Unauthorised):
        provider(sandbox, "invalid").ask([NEWARK], now=True, ahead=False)
    with pytest.raises(Rejected, match="Latitude"):
        provider(sandbox).ask([Place("nowhere", 91.0, 0.0)], now=True, ahead=False)
