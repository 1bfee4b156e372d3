"""An answer of Open-Meteo as the tests take it apart: three hours of a rainy evening, in real units and field order."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 23, 15, 52, tzinfo=UTC)
QUARTER = int(datetime(2026, 11, 23, 15, 45, tzinfo=UTC).timestamp())
THREE = int(datetime(2026, 11, 23, 15, tzinfo=UTC).timestamp())
HOUR = THREE // 3600

UNITS = {
    "temperature_2m": "°C",
    "apparent_temperature": "°C",
    "dew_point_2m": "°C",
    "relative_humidity_2m": "%",
    "pressure_msl": "hPa",
    "wind_speed_10m": "m/s",
    "wind_gusts_10m": "m/s",
    "wind_direction_10m": "°",
    "cloud_cover": "%",
    "visibility": "m",
    "uv_index": "",
    "precipitation_probability": "%",
    "rain": "mm",
    "showers": "mm",
    "snowfall": "cm",
    "weather_code": "wmo code",
    "is_day": "",
}

# Any: JSON that the tests take apart.
RAINY: dict[str, Any] = {
    "latitude": 52.52,
    "longitude": 13.419998,
    "generationtime_ms": 0.0556,
    "utc_offset_seconds": 0,
    "timezone": "GMT",
    "timezone_abbreviation": "GMT",
    "elevation": 38.0,
    "current_units": {"time": "unixtime", "interval": "seconds", **UNITS},
    "current": {
        "time": QUARTER,
        "interval": 900,
        "temperature_2m": 1.3,
        "apparent_temperature": -2.5,
        "dew_point_2m": 0.9,
        "relative_humidity_2m": 97,
        "pressure_msl": 1009.3,
        "wind_speed_10m": 4.11,
        "wind_gusts_10m": 9.7,
        "wind_direction_10m": 271,
        "cloud_cover": 100,
        "visibility": 5340.0,
        "uv_index": 0.05,
        "precipitation_probability": 84,
        "rain": 0.3,
        "showers": 0.1,
        "snowfall": 0.07,
        "weather_code": 61,
        "is_day": 0,
    },
    "hourly_units": {"time": "unixtime", **UNITS},
    "hourly": {
        "time": [THREE, THREE + 3600, THREE + 7200],
        "temperature_2m": [1.5, 1.2, 1.1],
        "apparent_temperature": [-2.1, -2.6, -2.7],
        "dew_point_2m": [1.0, 0.8, 0.7],
        "relative_humidity_2m": [96, 97, 98],
        "pressure_msl": [1009.0, 1009.4, 1009.9],
        "wind_speed_10m": [4.0, 4.2, 4.4],
        "wind_gusts_10m": [9.5, 9.6, 9.8],
        "wind_direction_10m": [270, 272, 274],
        "cloud_cover": [99, 98, 97],
        "visibility": [5000.0, 5500.0, 6000.0],
        "uv_index": [0.2, 0.1, 0.0],
        "precipitation_probability": [70, 80, 90],
        "rain": [0.6, 1.2, 0.0],
        "showers": [0.0, 0.3, 0.0],
        "snowfall": [0.0, 0.14, 0.0],
        "weather_code": [80, 61, 3],
        "is_day": [1, 0, 0],
    },
}
