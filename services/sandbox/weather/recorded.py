"""Reads the recorded year: two stations, one observation an hour, in SI units.

Gaps are closed as a station's display would close them: a missing hour shows the last one that was reported (round the
year's end), and a missing value of what is always shown the last known one. A gust that was not recorded stays unknown.
"""

import csv
import gzip
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from services.sandbox.replay_clock import YEAR, YEAR_START

_HOUR = timedelta(hours=1)
_HOURS = YEAR // _HOUR
_METRES_PER_MILE = 1609.344
_SECONDS_PER_HOUR = 3600
_MM_PER_INCH = 25.4
_EARTH_RADIUS_KM = 6371.0
_WHERE = {"EWR": ("Newark", 5101798, 40.6925, -74.1687), "JFK": ("New York", 5128581, 40.6398, -73.7789)}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a station reported for one hour: C, %, degrees, m/s, mm in the hour, hPa, m."""

    at: datetime
    temperature: float
    dew_point: float
    humidity: float
    wind_direction: float
    wind_speed: float
    wind_gust: float | None
    precipitation: float
    pressure: float
    visibility: float


@dataclass(frozen=True, slots=True)
class Station:
    """A weather station and its year: one observation for each hour from 1 January 00:00 UTC."""

    code: str
    name: str
    city_id: int
    latitude: float
    longitude: float
    hours: tuple[Observation, ...]

    def at(self, replay: datetime) -> Observation:
        """The observation of the hour that contains that replay time; times outside the year wrap round."""
        return self.hours[((replay - YEAR_START) // _HOUR) % _HOURS]

    def distance_to(self, latitude: float, longitude: float) -> float:
        """Great-circle distance in km (haversine)."""
        a, b = math.radians(self.latitude), math.radians(latitude)
        half = (b - a) / 2, math.radians(longitude - self.longitude) / 2
        chord = math.sin(half[0]) ** 2 + math.cos(a) * math.cos(b) * math.sin(half[1]) ** 2
        return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def nearest(stations: Iterable[Station], latitude: float, longitude: float) -> Station:
    """The station that speaks for these coordinates."""
    return min(stations, key=lambda station: station.distance_to(latitude, longitude))


@cache
def read_stations(path: Path) -> tuple[Station, ...]:
    """Every station of the file, which is read once in a process."""
    rows: dict[str, list[dict[str, str]]] = {code: [] for code in _WHERE}
    with gzip.open(path, "rt", newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            rows[row["origin"]].append(row)
    return tuple(Station(code, *where, _whole_year(rows[code])) for code, where in _WHERE.items())


def _whole_year(rows: Iterable[Mapping[str, str]]) -> tuple[Observation, ...]:
    reported: dict[int, Observation] = {}
    last: dict[str, str] = {}
    for row in rows:
        known = {name: value for name, value in row.items() if value != "NA"}
        last |= known
        observation = _observation(last, gust=known.get("wind_gust"))
        reported[(observation.at - YEAR_START) // _HOUR] = observation
    shown = reported[max(reported)]
    return tuple(shown := reported.get(hour, shown) for hour in range(_HOURS))


def _observation(row: Mapping[str, str], *, gust: str | None) -> Observation:
    return Observation(
        at=datetime.strptime(row["time_hour"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        temperature=_celsius(row["temp"]),
        dew_point=_celsius(row["dewp"]),
        humidity=float(row["humid"]),
        wind_direction=float(row["wind_dir"]),
        wind_speed=_metres_per_second(row["wind_speed"]),
        wind_gust=None if gust is None else _metres_per_second(gust),
        precipitation=float(row["precip"]) * _MM_PER_INCH,
        pressure=float(row["pressure"]),
        visibility=float(row["visib"]) * _METRES_PER_MILE,
    )


def _celsius(fahrenheit: str) -> float:
    return (float(fahrenheit) - 32) * 5 / 9


def _metres_per_second(mph: str) -> float:
    return float(mph) * _METRES_PER_MILE / _SECONDS_PER_HOUR
