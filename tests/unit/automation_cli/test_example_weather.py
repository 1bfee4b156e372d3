"""The weather in `examples` is what was recorded, value by value, faults and all."""

import csv
import gzip
from pathlib import Path

import pytest

from services.automation_cli.backtest.weather_file import read_weather_file
from weathertrigger.domain.units import from_canonical
from weathertrigger.domain.weather import Metric

_ROOT = Path(__file__).parents[3]
_AS_FOUND = {
    "temp": (Metric.TEMPERATURE, "F"),
    "dewp": (Metric.DEW_POINT, "F"),
    "humid": (Metric.HUMIDITY, "%"),
    "wind_dir": (Metric.WIND_DIRECTION, "deg"),
    "wind_speed": (Metric.WIND_SPEED, "mph"),
    "wind_gust": (Metric.WIND_GUST, "mph"),
    "precip": (Metric.PRECIPITATION, "in/h"),
    "pressure": (Metric.PRESSURE, "hPa"),
    "visib": (Metric.VISIBILITY, "mi"),
}


def test_the_year_of_newark() -> None:
    """Every observation of the station, in the order of time, and nothing that was not observed."""
    with gzip.open(_ROOT / "services/sandbox/data/new_york_hourly_2013.csv.gz", "rt", newline="") as file:
        found = {row["time_hour"]: row for row in csv.DictReader(file) if row["origin"] == "EWR"}
    readings = read_weather_file(_ROOT / "examples/newark-2013.csv.gz").readings
    assert [f"{one.observed_at:%Y-%m-%dT%H:%M:%SZ}" for one in readings] == sorted(found)
    for reading in readings:
        row = found[f"{reading.observed_at:%Y-%m-%dT%H:%M:%SZ}"]
        seen = {**reading.values, **reading.discarded}
        assert {
            name: from_canonical(metric, value, unit)
            for name, (metric, unit) in _AS_FOUND.items()
            if isinstance(value := seen.get(metric), float)
        } == {name: pytest.approx(float(row[name]), abs=2e-6) for name in _AS_FOUND if row[name] != "NA"}
    assert [list(one.discarded) for one in readings if one.discarded] == [[Metric.WIND_SPEED]]
