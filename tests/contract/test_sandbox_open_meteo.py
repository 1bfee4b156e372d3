"""The sandbox's Open-Meteo: the frame and the words of the real one, and the weather of the recorded file."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.world import SEED
from tests.contract.sandbox_server import SandboxClient, sandbox_thread

Row = dict[str, str]
_NEWARK = {"latitude": "40.69", "longitude": "-74.17"}
_JFK = {"latitude": "40.64", "longitude": "-73.78"}
_METRIC = {"wind_speed_unit": "ms", "timeformat": "unixtime"}
_NOW = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """A sandbox whose real clock stands still too."""
    with sandbox_thread(tmp_path_factory.mktemp("sandbox"), lambda: _NOW) as client:
        yield client


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    path: Path = SEED.parent / "new_york_hourly_2013.csv.gz"
    with gzip.open(path, "rt") as file:
        return list(csv.DictReader(file))


def ask(sandbox: SandboxClient, **parameters: str) -> Any:  # Any: JSON
    return sandbox.get("/v1/forecast", **parameters).json()


def test_the_frame_is_in_the_order_of_the_real_server(sandbox: SandboxClient) -> None:
    """Names, order and units; the coordinates are those of a grid cell."""
    answer = ask(sandbox, current="temperature_2m,weather_code,wind_speed_10m", hourly="rain,snowfall", **_NEWARK)
    assert list(answer) == [
        *("latitude", "longitude", "generationtime_ms", "utc_offset_seconds", "timezone", "timezone_abbreviation"),
        *("elevation", "current_units", "current", "hourly_units", "hourly"),
    ]
    assert (answer["latitude"], answer["longitude"]) == (40.75, -74.125)
    assert (answer["utc_offset_seconds"], answer["timezone"], answer["timezone_abbreviation"]) == (0, "GMT", "GMT")
    assert list(answer["current_units"].items()) == [
        ("time", "iso8601"),
        ("interval", "seconds"),
        ("temperature_2m", "°C"),
        ("weather_code", "wmo code"),
        ("wind_speed_10m", "km/h"),
    ]
    assert answer["hourly_units"] == {"time": "iso8601", "rain": "mm", "snowfall": "cm"}
    assert list(answer["current"]) == list(answer["current_units"])
    assert list(answer["hourly"]) == list(answer["hourly_units"])
    assert answer["current"]["interval"] == 900


def test_sections_that_were_not_asked_for_are_not_there(sandbox: SandboxClient) -> None:
    """A question without variables is answered without weather."""
    answer = ask(sandbox, **_NEWARK)
    assert not answer.keys() & {"current", "current_units", "hourly", "hourly_units"}


def test_several_places_are_an_array_and_one_is_an_object(sandbox: SandboxClient) -> None:
    """In the order of the question; `location_id` is their number, which 0 does not have."""
    both = ask(sandbox, latitude="40.69,40.64", longitude="-74.17,-73.78", current="temperature_2m")
    assert [each.get("location_id") for each in both] == [None, 1]
    assert isinstance(ask(sandbox, current="temperature_2m", **_JFK), dict)


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        ({}, 168),
        ({"forecast_days": "8"}, 192),
        ({"forecast_days": "0"}, 0),
        ({"forecast_days": "8", "past_days": "1"}, 216),
    ],
)
def test_hours_begin_at_midnight(sandbox: SandboxClient, days: dict[str, str], hours: int) -> None:
    """Of UTC unless a zone was asked for; whole days of them."""
    times = ask(sandbox, hourly="temperature_2m", timeformat="unixtime", **_NEWARK, **days)["hourly"]["time"]
    assert len(times) == hours
    if times:
        assert times == list(range(times[0], times[0] + hours * 3600, 3600))
        assert times[0] == datetime(2026, 11, 22 if "past_days" in days else 23, tzinfo=UTC).timestamp()


def test_a_zone_moves_the_midnight_and_the_local_times(sandbox: SandboxClient) -> None:
    """India's is half an hour beside the full hour; `auto` is the stations' own."""
    words = {"current": "rain", "hourly": "rain", **_NEWARK}
    local = ask(sandbox, timezone="Asia/Kolkata", **words)
    unix = ask(sandbox, timezone="Asia/Kolkata", timeformat="unixtime", **words)
    assert (local["utc_offset_seconds"], local["timezone_abbreviation"]) == (19_800, "GMT+5:30")
    assert local["hourly"]["time"][0].endswith("T00:00")
    assert unix["hourly"]["time"][0] % 3600 == 1800
    for told, seconds in zip(local["hourly"]["time"], unix["hourly"]["time"], strict=True):
        assert datetime.fromisoformat(told + "+05:30").timestamp() == seconds
    auto = ask(sandbox, timezone="auto", **words)
    assert (auto["timezone"], auto["timezone_abbreviation"][:4]) == ("America/New_York", "GMT-")
    pair = ask(sandbox, latitude="1,2", longitude="3,4", timezone="UTC,Asia/Tokyo")
    assert [each["timezone"] for each in pair] == ["GMT", "Asia/Tokyo"]


def test_the_present_is_told_of_a_quarter_of_an_hour(sandbox: SandboxClient) -> None:
    """At 15:20 UTC the last one began at 15:15, which was 10:15 in New York."""
    words = {"current": "rain", **_NEWARK}
    assert ask(sandbox, timezone="America/New_York", **words)["current"]["time"] == "2026-11-23T10:15"
    quarter = datetime(2026, 11, 23, 15, 15, tzinfo=UTC)
    assert ask(sandbox, timeformat="unixtime", **words)["current"]["time"] == quarter.timestamp()


def _is_complete(row: Row) -> bool:
    return "NA" not in (row["temp"], row["pressure"], row["wind_dir"], row["wind_speed"])


def _at(row: Row) -> str:
    return row["time_hour"].replace("00:00Z", "30:00Z")


def test_every_hour_reads_as_its_row(sandbox: SandboxClient, rows: list[Row]) -> None:
    """C, m/s, hPa, metres and, for a quarter of an hour, mm follow from what was recorded by their definitions."""
    names = (
        "temperature_2m,wind_speed_10m,wind_direction_10m,pressure_msl,relative_humidity_2m,visibility,precipitation"
    )
    for row in filter(_is_complete, rows[3::397]):
        sandbox.set_clock(_at(row))
        where = _JFK if row["origin"] == "JFK" else _NEWARK
        now = ask(sandbox, current=names, **where, **_METRIC)["current"]
        assert now["temperature_2m"] == pytest.approx((float(row["temp"]) - 32) / 1.8, abs=0.051), row
        assert now["wind_speed_10m"] == pytest.approx(float(row["wind_speed"]) * 0.44704, abs=0.006), row
        assert now["wind_direction_10m"] == int(row["wind_dir"])
        assert now["pressure_msl"] == pytest.approx(float(row["pressure"]), abs=0.051)
        assert now["relative_humidity_2m"] == pytest.approx(float(row["humid"]), abs=0.51)
        assert now["visibility"] == pytest.approx(float(row["visib"]) * 1609.344, abs=0.006)
        assert now["precipitation"] == pytest.approx(float(row["precip"]) * 25.4 / 4, abs=0.006)


@pytest.mark.parametrize(
    ("at", "code", "rain", "snow"),
    [
        ("2013-06-03T03:10", 65, 1.06, 0.0),  # inches
        ("2013-02-08T15:10", 61, 0.04, 0.0),
        ("2013-02-08T16:10", 71, 0.02, 0.02),  # rain and snow in halves
        ("2013-02-09T03:10", 71, 0.0, 0.03),
        ("2013-02-09T06:10", 73, 0.0, 0.09),
        ("2013-02-09T04:10", 75, 0.0, 0.11),
        ("2013-05-20T10:10", 45, 0.0, 0.0),
        ("2013-06-01T20:30", 0, 0.0, 0.0),
    ],
)
def test_rain_is_mm_and_snow_is_cm(sandbox: SandboxClient, at: str, code: int, rain: float, snow: float) -> None:
    """0.7 cm of snow for each mm of water; showers are told, and 0; the code is WMO's."""
    sandbox.set_clock(at)
    now = ask(sandbox, current="rain,showers,snowfall,weather_code", **_NEWARK)["current"]
    assert (now["weather_code"], now["showers"]) == (code, 0)
    assert now["rain"] == pytest.approx(rain * 25.4 / 4, abs=0.006)
    assert now["snowfall"] == pytest.approx(snow * 25.4 * 0.7 / 4, abs=0.006)


def test_what_was_not_recorded_is_null(sandbox: SandboxClient, rows: list[Row]) -> None:
    """A gust is told exactly where the file has one."""
    for row in rows[::977] + [row for row in rows if row["wind_gust"] != "NA"][::211]:
        sandbox.set_clock(_at(row))
        where = _JFK if row["origin"] == "JFK" else _NEWARK
        gust = ask(sandbox, current="wind_gusts_10m", **where, **_METRIC)["current"]["wind_gusts_10m"]
        assert (gust is None) == (row["wind_gust"] == "NA")
        if gust is not None:
            assert gust == pytest.approx(float(row["wind_gust"]) * 0.44704, abs=0.006)


@pytest.mark.parametrize(
    ("unit", "shown", "factor"), [("kmh", "km/h", 3.6), ("mph", "mp/h", 2.237), ("kn", "kn", 1.94)]
)
def test_wind_comes_in_the_unit_that_was_asked_for(
    sandbox: SandboxClient, unit: str, shown: str, factor: float
) -> None:
    """km/h without a word, as at the real API."""
    sandbox.set_clock("2013-06-07T23:30")
    in_ms = ask(sandbox, current="wind_speed_10m", **_NEWARK, **_METRIC)["current"]["wind_speed_10m"]
    answer = ask(sandbox, current="wind_speed_10m", wind_speed_unit=unit, **_NEWARK)
    assert answer["current_units"]["wind_speed_10m"] == shown
    assert answer["current"]["wind_speed_10m"] == pytest.approx(in_ms * factor, rel=0.01)


def test_the_two_apis_tell_of_the_same_moment(sandbox: SandboxClient, rows: list[Row]) -> None:
    """Temperature, wind and what falls are OpenWeather's, within the decimals of both."""
    for row in rows[5::611] + [row for row in rows if float(row["precip"]) > 0][::37]:
        sandbox.set_clock(_at(row))
        theirs = sandbox.weather(units="metric")
        ours = ask(sandbox, current="temperature_2m,wind_speed_10m,rain,snowfall,is_day", **_NEWARK, **_METRIC)[
            "current"
        ]
        assert ours["temperature_2m"] == pytest.approx(theirs["main"]["temp"], abs=0.056)
        assert ours["wind_speed_10m"] == theirs["wind"]["speed"]
        assert ours["rain"] * 4 == pytest.approx(theirs.get("rain", {}).get("1h", 0), abs=0.026)
        assert ours["snowfall"] * 4 / 0.7 == pytest.approx(theirs.get("snow", {}).get("1h", 0), abs=0.035)
        assert ours["is_day"] == theirs["weather"][0]["icon"].endswith("d")


def test_the_two_apis_tell_of_the_same_hours(sandbox: SandboxClient) -> None:
    """What OpenWeather's hour holds is in the entry of its beginning; what looks back, rain and gusts, in the next."""
    sandbox.set_clock("2013-06-07T20:20")
    where = {"lat": "40.69", "lon": "-74.17", "appid": "k", "units": "metric"}
    theirs = sandbox.get("/data/3.0/onecall", **where).json()["hourly"]
    names = "temperature_2m,wind_speed_10m,rain,wind_gusts_10m"
    ours = ask(sandbox, hourly=names, forecast_days="4", **_NEWARK, **_METRIC)["hourly"]
    first = ours["time"].index(theirs[0]["dt"] - 20 * 60)
    assert sum(entry.get("rain", {}).get("1h", 0) for entry in theirs) > 30  # mm
    for at, entry in enumerate(theirs, first):
        assert ours["temperature_2m"][at] == pytest.approx(entry["temp"], abs=0.056)
        assert ours["wind_speed_10m"][at] == entry["wind_speed"]
        assert ours["rain"][at + 1] == entry.get("rain", {}).get("1h", 0)
        assert ours["wind_gusts_10m"][at + 1] == entry.get("wind_gust")


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "Parameter 'latitude' and 'longitude' must not be empty"),
        ({"latitude": "1,2", "longitude": "3"}, "must have the same number of elements"),
        ({"latitude": "300", "longitude": "3"}, "Latitude must be in range of -90 to 90°. Given: 300.0."),
        ({"latitude": "3", "longitude": "-181"}, "Longitude must be in range of -180 to 180°. Given: -181.0."),
        ({"latitude": "nan", "longitude": "3"}, "Latitude must be in range"),
        ({"latitude": "x", "longitude": "3"}, "Cannot initialize Float from invalid String value x."),
        ({"latitude": "1," * 1001, "longitude": "2," * 1001}, "Only up to 1000 locations can be requested at once"),
        ({**_NEWARK, "current": "temperatur_2m"}, "Cannot initialize SurfacePressureAndHeightVariable<"),
        ({**_NEWARK, "hourly": "rain,lksdfj"}, "from invalid String value lksdfj."),
        ({**_NEWARK, "forecast_days": "20"}, "Forecast days is invalid. Allowed range 0 to 16. Given 16."),
        ({**_NEWARK, "forecast_days": "-1"}, "Forecast days is invalid. Allowed range 0 to 16."),
        ({**_NEWARK, "forecast_days": "few"}, "forecast_days"),
        ({**_NEWARK, "wind_speed_unit": "m/s"}, "from invalid String value m/s for key wind_speed_unit"),
        ({**_NEWARK, "timeformat": "unix"}, "from invalid String value unix for key timeformat"),
        ({**_NEWARK, "timezone": "Mars/Phobos"}, "Invalid timezone"),
        ({**_NEWARK, "timezone": "../etc"}, "Invalid timezone"),
        ({**_NEWARK, "apikey": "invalid"}, "The supplied API key is invalid."),
        ({**_NEWARK, "daily": "rain_sum"}, "The sandbox does not imitate the parameter 'daily'."),
    ],
)
def test_a_question_that_is_refused(sandbox: SandboxClient, parameters: dict[str, str], reason: str) -> None:
    """400 with the sentence of the real server, even for a wrong key; a refusal counts as one call."""
    answer = sandbox.get("/v1/forecast", **parameters)
    assert answer.status_code == 400
    assert answer.json()["error"] is True
    assert reason in answer.json()["reason"]
    assert sandbox.journal()[-1]["calls"] == 1


def test_a_key_in_a_header_is_one_too(sandbox: SandboxClient) -> None:
    """Neither kind is in the journal."""
    url = f"{sandbox.url}/v1/forecast"
    answer = sandbox.session.get(url, params=_NEWARK, headers={"X-Api-Key": "invalid"}, timeout=5)
    assert answer.json()["reason"] == "The supplied API key is invalid."
    sandbox.session.get(url, params={**_NEWARK, "apikey": "a-secret"}, headers={"X-Api-Key": "a-secret"}, timeout=5)
    entry = sandbox.journal()[-1]
    assert (entry["service"], entry["path"]) == ("open_meteo", "/v1/forecast?latitude=40.69&longitude=-74.17")
    assert "a-secret" not in str(sandbox.journal())


@pytest.mark.parametrize(
    ("parameters", "calls"),
    [
        ({"current": "rain"}, 1),
        ({"current": ",".join(["rain"] * 10)}, 1),
        ({"current": ",".join(["rain"] * 11)}, 2),
        ({"current": ",".join(["rain"] * 10), "hourly": ",".join(["rain"] * 10), "forecast_days": "14"}, 2),
        ({"current": ",".join(["rain"] * 10), "hourly": ",".join(["rain"] * 10), "forecast_days": "16"}, 3),
        ({"latitude": "1,2,3", "longitude": "1,2,3", "current": ",".join(["rain"] * 15)}, 5),
    ],
)
def test_calls_are_counted_by_weight(sandbox: SandboxClient, parameters: dict[str, str], calls: int) -> None:
    """Ten variables and fourteen days of a place are one call."""
    assert sandbox.get("/v1/forecast", **{**_NEWARK, **parameters}).status_code == 200
    assert sandbox.journal()[-1]["calls"] == calls
