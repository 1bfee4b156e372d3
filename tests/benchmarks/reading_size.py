"""What a stored reading takes on disk, beside the same readings as JSON in a table with the same two indexes."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

import orjson

from tests.benchmarks.aim import Aim
from tests.benchmarks.ground import Ground
from tests.benchmarks.section import Section
from weathertrigger.clock import utc_now
from weathertrigger.domain.weather import Metric, Reading, WeatherKind, place_at
from weathertrigger.storage import readings, rules
from weathertrigger.storage.database import Database, Transaction

_READINGS = 100_000
_PLACES = 50
_CHUNK = 2_000
_REFRESH = timedelta(minutes=10)

_AS_JSON = """
CREATE TEMP TABLE readings_as_json (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, place_id text NOT NULL, provider text NOT NULL,
    observed_at timestamptz NOT NULL, fetched_at timestamptz NOT NULL, "values" jsonb NOT NULL, discarded jsonb);
CREATE INDEX readings_as_json_latest ON readings_as_json (place_id, fetched_at DESC);
"""
_ADD_AS_JSON = """
INSERT INTO readings_as_json (place_id, provider, observed_at, fetched_at, "values", discarded)
SELECT n.*, '{}' FROM unnest(%(place_id)s::text[], %(provider)s::text[], %(observed_at)s::timestamptz[],
                             %(fetched_at)s::timestamptz[], %(document)s::jsonb[]) AS n
"""
_SIZE = "SELECT pg_total_relation_size(%(table)s::regclass) AS bytes"


def measure_reading_size(ground: Ground) -> Section:
    """Readings as One Call gives them, in the order in which they would come."""
    with closing(Database(ground.postgres.url, application_name="bench")) as database, database.transaction() as tx:
        before = _size(tx, "weather_readings")
        tx.execute(_AS_JSON)
        places = [place_at(-80 + number / 100, 0) for number in range(_PLACES)]
        rules.ensure_places(tx, places)
        made = [_reading(number, places[number % _PLACES].id) for number in range(_READINGS)]
        for start in range(0, _READINGS, _CHUNK):
            for first in range(start, start + _CHUNK, _PLACES):
                readings.add(tx, made[first : first + _PLACES])
            _add_as_json(tx, made[start : start + _CHUNK])
        columns = (_size(tx, "weather_readings") - before) / _READINGS
        as_json = _size(tx, "readings_as_json") / _READINGS
    return Section(
        title=f"what {_READINGS:,} readings take on disk, indexes counted",
        lines=[
            f"a reading takes {columns:.0f} bytes, as JSON {as_json:.0f}",
            f"a thousand calls a day, kept for 400 days: {columns * 400_000 / 1e6:.0f} MB",
        ],
        aims=[Aim("room of a reading to that as JSON", columns / as_json, 0.5)],
        numbers={"reading_bytes": {"columns": columns, "json": as_json}},
    )


def _size(tx: Transaction, table: str) -> int:
    row = tx.row(_SIZE, {"table": table})
    return int(row.bytes) if row else 0


def _add_as_json(tx: Transaction, made: Sequence[Reading]) -> None:
    tx.execute(
        _ADD_AS_JSON,
        {
            "place_id": [one.place_id for one in made],
            "provider": [one.provider for one in made],
            "observed_at": [one.observed_at for one in made],
            "fetched_at": [one.fetched_at for one in made],
            "document": [
                orjson.dumps({key.value: value for key, value in one.values.items()}).decode() for one in made
            ],
        },
    )


def _reading(number: int, place_id: str) -> Reading:
    at: datetime = utc_now() - _REFRESH * (_READINGS // _PLACES - number // _PLACES)
    rain = number % 7 * 0.13
    return Reading(
        place_id=place_id,
        provider="openweather",
        observed_at=at,
        fetched_at=at + timedelta(minutes=3),
        values={
            Metric.TEMPERATURE: 12.51 + number % 20,
            Metric.FEELS_LIKE: 11.93 + number % 20,
            Metric.DEW_POINT: 7.81 + number % 12,
            Metric.HUMIDITY: 71.0,
            Metric.PRESSURE: 1012.0,
            Metric.WIND_SPEED: 4.12,
            Metric.WIND_GUST: 9.36,
            Metric.WIND_DIRECTION: 240.0,
            Metric.CLOUDS: 75.0,
            Metric.VISIBILITY: 10_000.0,
            Metric.UV_INDEX: 3.11,
            Metric.RAIN: rain,
            Metric.SNOW: 0.0,
            Metric.SNOWFALL: 0.0,
            Metric.PRECIPITATION: rain,
            Metric.PRECIPITATION_PROBABILITY: 35.0,
            Metric.CONDITION: (WeatherKind.RAIN if rain else WeatherKind.CLOUDS,),
            Metric.ALERT: False,
            Metric.IS_DAY: True,
        },
    )
