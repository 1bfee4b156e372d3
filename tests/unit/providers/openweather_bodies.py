"""Answers of OpenWeather for the tests: recorded ones, and some of our own that rain."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weathertrigger.domain.weather import place_at
from weathertrigger.http.client import Origin

Body = Any  # Any: JSON that the tests take apart

PLACE = place_at(40.69, -74.17)
ORIGIN = Origin("openweather")
NOW = datetime(2026, 11, 23, 12, 20, tzinfo=UTC)
HOUR = 3600
NOON = int(NOW.replace(minute=0).timestamp())

RECORDED: Body = json.loads((Path(__file__).parent / "data" / "openweather_recorded.json").read_text(encoding="utf-8"))
"""What the real API said of Lisbon in the summer of 2023, shortened: the current weather on 28 June, with its forecast,
One Call on 3 July, with a warning of Oregon's. From the tests of programmatordev/openweathermap-php-api (MIT)."""

CURRENT: Body = {
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
    "dt": NOON + 780,
    "sys": {"country": "US", "sunrise": NOON - 600, "sunset": NOON + 9 * HOUR},
    "timezone": -18000,
    "id": 5101798,
    "name": "Newark",
    "cod": 200,
}
"""Shaped after the vendor's documentation, numbers of our own; as the others below."""


def _step(ahead: int, **more: Body) -> Body:
    return {
        "dt": NOON + ahead * HOUR,
        "main": {"temp": float(ahead), "feels_like": ahead - 2.5, "pressure": 1009, "humidity": 80, "temp_kf": 0},
        "weather": [{"id": 500, "main": "Rain", "description": "light rain", "icon": "10d"}],
        "clouds": {"all": 75},
        "wind": {"speed": 4.5, "deg": 200, "gust": 9.5},
        "visibility": 9000,
        "pop": 0.07,
        "sys": {"pod": "d"},
        **more,
    }


FORECAST: Body = {
    "cod": "200",
    "message": 0,
    "cnt": 3,
    "list": [
        _step(3, rain={"3h": 0.1}),
        _step(6, snow={"3h": 6.0}, weather=[{"id": 601, "icon": "13n"}], sys={"pod": "n"}),
        _step(9),
    ],
    "city": {"id": 5101798, "name": "Newark", "country": "US", "timezone": -18000},
}


def _flat(at: int, **more: Body) -> Body:
    return {
        "dt": at,
        "temp": 7.25,
        "feels_like": 4,
        "pressure": 1009,
        "humidity": 93,
        "dew_point": 6.1,
        "uvi": 0.4,
        "clouds": 100,
        "visibility": 4828,
        "wind_speed": 5.14,
        "wind_deg": 70,
        "wind_gust": 9.77,
        "weather": [{"id": 501, "main": "Rain", "description": "moderate rain", "icon": "10d"}],
        **more,
    }


def _day(ahead: int, **more: Body) -> Body:
    return {
        "dt": NOON + (24 * ahead + 5) * HOUR,
        "sunrise": NOON + 24 * ahead * HOUR,
        "sunset": NOON + (24 * ahead + 9) * HOUR,
        "temp": {"day": 8.2, "min": 2.5, "max": 9.5, "night": 3.0, "eve": 6.0, "morn": 2.6},
        "feels_like": {"day": 6.1, "night": 0.5, "eve": 3.5, "morn": 0.1},
        "pressure": 1010,
        "humidity": 70,
        "dew_point": 3.5,
        "wind_speed": 7.5,
        "wind_deg": 200,
        "wind_gust": 14.5,
        "weather": [{"id": 500, "main": "Rain", "description": "light rain", "icon": "10d"}],
        "clouds": 80,
        "pop": 0.9,
        "uvi": 1.2,
        **more,
    }


ONE_CALL: Body = {
    "lat": 40.69,
    "lon": -74.17,
    "timezone": "America/New_York",
    "timezone_offset": -18000,
    "current": _flat(NOON + 780, rain={"1h": 2.03}, snow={"1h": 0.5}, sunrise=NOON - 600, sunset=NOON + 9 * HOUR),
    "hourly": [
        _flat(NOON, pop=0.29, rain={"1h": 2.03}),
        _flat(NOON + HOUR, pop=0.5, rain={"1h": 0.17}, snow={"1h": 0.14}),
        _flat(NOON + 2 * HOUR, pop=0, weather=[{"id": 804, "icon": "04n"}]),
    ],
    "daily": [_day(0, rain=12.25, snow=1.5), _day(1), _day(2, rain=3.5)],
    "alerts": [
        {"sender_name": "NWS", "event": "Flood Watch", "start": NOON + HOUR, "end": NOON + 2 * HOUR, "tags": ["Flood"]}
    ],
}


def changed(body: Body, path: str, value: object) -> Body:
    """The body with one value replaced, or gone where it is `...`; numbers in the path count the entries of a list."""
    altered = copy.deepcopy(body)
    *way, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    inner = altered
    for step in way:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return altered
