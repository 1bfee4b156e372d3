"""The sandbox's OpenWeather, held against the recorded file by arithmetic of its own."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.world import SEED
from tests.contract.sandbox_server import SandboxClient, sandbox_thread

Row = dict[str, str]
_JFK = {"lat": "40.64", "lon": "-73.78"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path_factory.mktemp("sandbox")) as client:
        yield client


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    path: Path = SEED.parent / "new_york_hourly_2013.csv.gz"
    with gzip.open(path, "rt") as file:
        return list(csv.DictReader(file))


def _is_complete(row: Row) -> bool:
    return "NA" not in (row["temp"], row["pressure"], row["wind_dir"], row["wind_speed"])


def _at(row: Row) -> str:
    return row["time_hour"].replace("00:00Z", "30:00Z")


def _ask(sandbox: SandboxClient, row: Row, units: str) -> Any:  # Any: JSON
    sandbox.set_clock(_at(row))
    where = _JFK if row["origin"] == "JFK" else {}
    return sandbox.weather(units=units, **where)


def test_every_hour_reads_as_its_row_in_fahrenheit_and_miles(sandbox: SandboxClient, rows: list[Row]) -> None:
    """`units=imperial` gives back the very numbers that were recorded."""
    for row in filter(_is_complete, rows[7::487]):
        answer = _ask(sandbox, row, "imperial")
        assert answer["main"]["temp"] == pytest.approx(float(row["temp"]), abs=0.006), row
        assert answer["wind"]["speed"] == pytest.approx(float(row["wind_speed"]), abs=0.006), row


def test_every_hour_reads_as_its_row_in_metric_units(sandbox: SandboxClient, rows: list[Row]) -> None:
    """C, m/s, mm, hPa and metres follow from F, mph, inches, mbar and miles by their definitions."""
    for row in filter(_is_complete, rows[3::397]):
        answer = _ask(sandbox, row, "metric")
        assert answer["main"]["temp"] == pytest.approx((float(row["temp"]) - 32) / 1.8, abs=0.006), row
        assert answer["wind"]["speed"] == pytest.approx(float(row["wind_speed"]) * 0.44704, abs=0.006), row
        assert answer["wind"]["deg"] == int(row["wind_dir"])
        assert answer["main"]["pressure"] == pytest.approx(float(row["pressure"]), abs=0.51)
        assert answer["main"]["humidity"] == pytest.approx(float(row["humid"]), abs=0.51)
        assert answer["visibility"] == min(10_000, round(float(row["visib"]) * 1609.344))


def test_standard_units_are_kelvin(sandbox: SandboxClient, rows: list[Row]) -> None:
    """Without `units` the temperature is in K and the wind in m/s."""
    row = rows[100]
    sandbox.set_clock(_at(row))
    assert sandbox.weather()["main"]["temp"] == pytest.approx((float(row["temp"]) - 32) / 1.8 + 273.15, abs=0.006)


def test_rain_and_snow_together_are_what_fell(sandbox: SandboxClient, rows: list[Row]) -> None:
    """Dry hours have neither key; wet ones hold the recorded inches in mm, in one key or shared by both."""
    for row in rows[::211] + [row for row in rows if float(row["precip"]) > 0][::23]:
        answer = _ask(sandbox, row, "metric")
        fell = [answer[name]["1h"] for name in ("rain", "snow") if name in answer]
        assert bool(fell) == (float(row["precip"]) > 0), row
        assert sum(fell) == pytest.approx(float(row["precip"]) * 25.4, abs=0.011), row
        assert 0 not in fell


@pytest.mark.parametrize(
    ("at", "code", "keys"),
    [
        ("2013-06-03T03:10", 502, {"rain"}),  # 1.06 in at 71.6 F
        ("2013-02-08T15:10", 500, {"rain"}),  # 0.04 in at 35.6 F, which is 2 C
        ("2013-02-08T16:10", 616, {"rain", "snow"}),  # 0.04 in at 35.06 F
        ("2013-03-19T00:10", 611, {"snow"}),  # 0.11 in at 33.08 F
        ("2013-02-09T03:10", 600, {"snow"}),  # 0.03 in at 30.2 F
        ("2013-02-09T06:10", 601, {"snow"}),  # 0.09 in at 28.04 F
        ("2013-02-09T04:10", 602, {"snow"}),  # 0.11 in at 28.4 F
        ("2013-05-20T10:10", 741, set()),  # a quarter of a mile of sight
        ("2013-06-01T20:30", 800, set()),
    ],
)
def test_the_code_follows_amount_and_temperature(
    sandbox: SandboxClient, at: str, code: int, keys: set[str], rows: list[Row]
) -> None:
    """Rain, sleet, snow, fog and a clear sky have OpenWeather's codes."""
    sandbox.set_clock(at)
    answer = sandbox.weather()
    assert (answer["weather"][0]["id"], {"rain", "snow"} & answer.keys()) == (code, keys)


def test_a_gust_that_was_not_recorded_has_no_key(sandbox: SandboxClient, rows: list[Row]) -> None:
    """`wind.gust` is there exactly when the file has one."""
    for row in rows[::977] + [row for row in rows if row["wind_gust"] != "NA"][::211]:
        wind = _ask(sandbox, row, "imperial")["wind"]
        assert ("gust" in wind) == (row["wind_gust"] != "NA")
        if "gust" in wind:
            assert wind["gust"] == pytest.approx(float(row["wind_gust"]), abs=0.006)


def test_what_is_always_shown_keeps_its_last_known_value(sandbox: SandboxClient, rows: list[Row]) -> None:
    """A pressure that was not recorded is the last one that was."""
    newark = [row for row in rows if row["origin"] == "EWR"]
    index = next(index for index, row in enumerate(newark) if row["pressure"] == "NA")
    known = next(row["pressure"] for row in reversed(newark[:index]) if row["pressure"] != "NA")
    assert _ask(sandbox, newark[index], "metric")["main"]["pressure"] == round(float(known))


def test_a_missing_hour_shows_the_last_one_that_was_reported(sandbox: SandboxClient, rows: list[Row]) -> None:
    """Where the file skips an hour, the hour before it is told again."""
    newark = [row for row in rows if row["origin"] == "EWR"]
    times = [datetime.fromisoformat(row["time_hour"]) for row in newark]
    pairs = zip(newark, times, times[1:], strict=False)
    before, at = next((row, at + timedelta(hours=1)) for row, at, after in pairs if after - at > timedelta(hours=1))
    sandbox.set_clock(at.isoformat())
    assert sandbox.weather(units="imperial")["main"]["temp"] == pytest.approx(float(before["temp"]), abs=0.006)


def test_the_hours_before_the_first_record_come_from_the_end_of_the_year(
    sandbox: SandboxClient, rows: list[Row]
) -> None:
    """The year is a ring: 1 January 02:00 shows 30 December 23:00."""
    last = [row for row in rows if row["origin"] == "EWR"][-1]
    sandbox.set_clock("2013-01-01T02:00:00Z")
    assert sandbox.weather(units="imperial")["main"]["temp"] == pytest.approx(float(last["temp"]), abs=0.006)


def test_the_impossible_wind_is_replayed_as_it_was_recorded(sandbox: SandboxClient) -> None:
    """1,048 mph at Newark on 12 February: judging it is the engine's business (semantics 3)."""
    sandbox.set_clock("2013-02-12T08:30")
    assert sandbox.weather(units="imperial")["wind"]["speed"] == pytest.approx(1048.36, abs=0.01)


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"),
    [
        ("40.69", "-74.17", "Newark"),
        ("40.64", "-73.78", "New York"),
        ("34.05", "-118.24", "Newark"),
        ("51.5", "-0.1", "New York"),
    ],
)
def test_the_nearer_station_speaks(sandbox: SandboxClient, latitude: str, longitude: str, name: str) -> None:
    """The west belongs to Newark, the east to New York; the coordinates come back as they were asked."""
    answer = sandbox.weather(lat=latitude, lon=longitude)
    assert (answer["name"], answer["coord"]) == (name, {"lat": float(latitude), "lon": float(longitude)})


def test_times_are_of_the_real_clock(sandbox: SandboxClient) -> None:
    """`dt` is now; sunrise and sunset lie about 15 h apart around the replayed noon of June."""
    sandbox.set_clock("2013-06-01T16:00:00Z")
    answer = sandbox.weather()
    now = datetime.now(UTC).timestamp()
    assert abs(answer["dt"] - now) < 5
    assert answer["sys"]["sunrise"] < answer["dt"] < answer["sys"]["sunset"]
    assert 14.8 < (answer["sys"]["sunset"] - answer["sys"]["sunrise"]) / 3600 < 15.1
    assert answer["weather"][0]["icon"].endswith("d")
    assert answer["timezone"] == -4 * 3600


def test_the_sun_rises_when_the_almanac_says(sandbox: SandboxClient) -> None:
    """Newark, 21 June 2013: sunrise 05:25, sunset 20:32 EDT (US Naval Observatory), to three minutes."""
    sandbox.set_clock("2013-06-21T16:00:00Z")
    answer = sandbox.weather()
    shift = datetime(2013, 6, 21, 16, tzinfo=UTC).timestamp() - answer["dt"]
    sunrise, sunset = (datetime.fromtimestamp(answer["sys"][name] + shift, UTC) for name in ("sunrise", "sunset"))
    assert abs(sunrise - datetime(2013, 6, 21, 9, 25, tzinfo=UTC)) < timedelta(minutes=3)
    assert abs(sunset - datetime(2013, 6, 22, 0, 32, tzinfo=UTC)) < timedelta(minutes=3)


def test_the_forecast_tells_the_replayed_future_at_real_times(sandbox: SandboxClient) -> None:
    """40 steps of 3 h from now; step k holds what the current weather says once the replay is 3k h further."""
    where = {"lat": "40.69", "lon": "-74.17", "appid": "k", "units": "metric"}
    sandbox.set_clock("2013-06-07T16:00:00Z")
    answer = sandbox.get("/data/2.5/forecast", **where).json()
    now = sandbox.weather()["dt"]
    assert (answer["cod"], answer["cnt"], len(answer["list"])) == ("200", 40, 40)
    assert [round((step["dt"] - now) / 10800, 2) for step in answer["list"]] == list(range(1, 41))
    assert any("rain" in step and step["pop"] == 1 for step in answer["list"])
    sandbox.set_clock("2013-06-08T01:00:00Z")
    assert answer["list"][2]["main"]["temp"] == sandbox.weather(units="metric")["main"]["temp"]
    sandbox.set_clock("2013-06-07T16:00:00Z")
    assert len(sandbox.get("/data/2.5/forecast", cnt="5", **where).json()["list"]) == 5


def test_three_hours_of_rain_are_summed(sandbox: SandboxClient, rows: list[Row]) -> None:
    """`rain.3h` is what was recorded in the hour of the step and the two before it."""
    sandbox.set_clock("2013-06-07T22:00:00Z")
    answer = sandbox.get("/data/2.5/forecast", lat="40.69", lon="-74.17", appid="k").json()
    hours = ("2013-06-07T23", "2013-06-08T00", "2013-06-08T01")
    inches = sum(float(row["precip"]) for row in rows if row["origin"] == "EWR" and row["time_hour"][:13] in hours)
    assert answer["list"][0]["rain"]["3h"] == pytest.approx(inches * 25.4, abs=0.01)


def test_one_call_has_61_minutes_48_hours_and_8_days(sandbox: SandboxClient, rows: list[Row]) -> None:
    """The flat body with its counts; the first day's extremes are those of the 24 recorded hours of the local day."""
    sandbox.set_clock("2013-07-01T16:00:00Z")
    where = {"lat": "40.69", "lon": "-74.17", "appid": "k", "units": "imperial"}
    answer = sandbox.get("/data/3.0/onecall", **where).json()
    assert [len(answer[name]) for name in ("minutely", "hourly", "daily")] == [61, 48, 8]
    assert answer["hourly"][0]["temp"] == answer["current"]["temp"]
    local = [row for row in rows if (row["origin"], row["month"], row["day"]) == ("EWR", "7", "1")]
    temperatures = [float(row["temp"]) for row in local]
    assert len(local) == 24
    assert answer["daily"][0]["temp"]["max"] == pytest.approx(max(temperatures), abs=0.006)
    assert answer["daily"][0]["temp"]["min"] == pytest.approx(min(temperatures), abs=0.006)
    assert answer["daily"][0]["rain"] == pytest.approx(sum(float(row["precip"]) for row in local) * 25.4, abs=0.011)
    assert "alerts" not in answer
    some = sandbox.get("/data/3.0/onecall", exclude="minutely,hourly,daily", **where).json()
    assert set(some) == {"lat", "lon", "timezone", "timezone_offset", "current"}


@pytest.mark.parametrize("path", ["/data/2.5/weather", "/data/2.5/forecast", "/data/3.0/onecall"])
@pytest.mark.parametrize("key", [{}, {"appid": ""}, {"appid": "invalid"}])
def test_a_bad_key_is_401(sandbox: SandboxClient, path: str, key: dict[str, str]) -> None:
    """Without a good key nothing else is looked at; the body is the real one."""
    answer = sandbox.get(path, **key)
    assert (answer.status_code, answer.json()["cod"]) == (401, 401)
    assert answer.json()["message"].startswith("Invalid API key.")


def test_the_name_of_the_key_may_be_in_capitals(sandbox: SandboxClient) -> None:
    """Some clients send `APPID`; the real API does not mind."""
    assert sandbox.get("/data/2.5/weather", APPID="k", lat="1", lon="2").status_code == 200


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "Nothing to geocode"),
        ({"lat": "91", "lon": "0"}, "wrong latitude"),
        ({"lat": "nan", "lon": "0"}, "wrong latitude"),
        ({"lat": "0", "lon": "-181"}, "wrong longitude"),
        ({"lat": "0"}, "wrong longitude"),
    ],
)
def test_a_bad_place_is_400(sandbox: SandboxClient, place: dict[str, str], message: str) -> None:
    """`cod` is text on 2.5, and a number with the parameter's name on One Call."""
    answer = sandbox.get("/data/2.5/weather", appid="k", **place)
    assert (answer.status_code, answer.json()) == (400, {"cod": "400", "message": message})
    answer = sandbox.get("/data/3.0/onecall", appid="k", **place)
    assert (answer.status_code, answer.json()["cod"]) == (400, 400)
    assert answer.json()["parameters"] in (["lat"], ["lon"])


def _names(sandbox: SandboxClient, question: str, **more: str) -> list[tuple[str, str | None, str]]:
    found = sandbox.get("/geo/1.0/direct", q=question, appid="k", **{"limit": "5", **more}).json()
    return [(place["name"], place.get("state"), place["country"]) for place in found]


@pytest.mark.parametrize(
    ("question", "states"),
    [
        ("Newark", ["New Jersey", "Delaware", "Ohio", "California", "England"]),
        ("newark,us", ["New Jersey", "Delaware", "Ohio", "California"]),
        ("Newark,GB", ["England"]),
        ("Newark,DE,US", ["Delaware"]),
        ("Newark, delaware, US", ["Delaware"]),
        ("Newark,XX,US", []),
        ("Zürich", ["Zurich"]),
        ("Lyon,XX,FR", ["Auvergne-Rhône-Alpes"]),
        ("Londres,GB", ["England"]),
        ("Newark,FR", []),
        ("Atlantis", []),
    ],
)
def test_the_geocoder_knows_places_by_name_state_and_country(
    sandbox: SandboxClient, question: str, states: list[str]
) -> None:
    """By any of their names; the state narrows down in the United States only; nothing found is an empty list."""
    assert [state for _, state, _ in _names(sandbox, question)] == states


def test_the_geocoder_answers_in_the_real_shape(sandbox: SandboxClient) -> None:
    """Names in other languages, coordinates, the country's letters; a state only where there is one."""
    (lisbon,) = sandbox.get("/geo/1.0/direct", q="Lisboa,PT", appid="k").json()
    assert lisbon == {
        "name": "Lisbon",
        "local_names": {"en": "Lisbon", "pt": "Lisboa", "de": "Lissabon"},
        "lat": 38.7077507,
        "lon": -9.1365919,
        "country": "PT",
    }


@pytest.mark.parametrize(("limit", "found"), [("1", 1), ("3", 3), ("5", 5), ("50", 5)])
def test_the_geocoder_gives_no_more_than_it_is_asked_for(sandbox: SandboxClient, limit: str, found: int) -> None:
    """And never more than five."""
    assert len(_names(sandbox, "Newark", limit=limit)) == found


def test_the_geocoder_refuses_what_the_real_one_refuses(sandbox: SandboxClient) -> None:
    """No key, and no name."""
    assert sandbox.get("/geo/1.0/direct", q="Newark", appid="invalid").status_code == 401
    assert sandbox.get("/geo/1.0/direct", q="Newark").json()["cod"] == 401
    answer = sandbox.get("/geo/1.0/direct", appid="k")
    assert (answer.status_code, answer.json()) == (400, {"cod": "400", "message": "Nothing to geocode"})
    assert sandbox.get("/geo/1.0/elsewhere", appid="k").status_code == 404
