"""Weather readings: the cache that every worker shares, and the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any as Json  # JSON of our own writing

import orjson

from weathertrigger.domain.weather import Metric, Place, Reading, Value, WeatherKind
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "readings"
_METRICS = {metric.value: metric for metric in Metric}  # a look-up in an enumeration costs ten times as much
_KINDS = {kind.value: kind for kind in WeatherKind}


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """A place, and the id of its newest reading if that is fresh enough."""

    place: Place
    reading_id: int | None


def newest(
    tx: Transaction, place_ids: Collection[str], refresh: timedelta
) -> tuple[dict[str, PlaceNow], datetime | None]:
    """Every place that exists, with its newest reading not older than `refresh`; and the clock (None: no place)."""
    rows = tx.rows(load_queries(_SQL)["newest"], {"place_ids": list(place_ids), "refresh": refresh})
    found = {
        row.place_id: PlaceNow(
            Place(row.place_id, row.latitude, row.longitude, row.name, row.time_zone), row.reading_id
        )
        for row in rows
    }
    return found, rows[0].clock if rows else None


def add(tx: Transaction, readings: Sequence[Reading]) -> dict[str, int]:
    """Stores the readings, one per place, and gives their ids by place."""
    rows = tx.rows(
        load_queries(_SQL)["add"],
        {
            "place_id": [reading.place_id for reading in readings],
            "provider": [reading.provider for reading in readings],
            "observed_at": [reading.observed_at for reading in readings],
            "fetched_at": [reading.fetched_at for reading in readings],
            "reading_values": [_json(reading.values) for reading in readings],
            "discarded": [_json(reading.discarded) for reading in readings],
        },
    )
    return {row.place_id: row.id for row in rows}


def by_id(tx: Transaction, reading_ids: Collection[int]) -> dict[int, Reading]:
    """The readings of these ids that exist."""
    rows = tx.rows(load_queries(_SQL)["by_id"], {"reading_ids": list(reading_ids)})
    return {
        row.id: Reading(
            place_id=row.place_id,
            provider=row.provider,
            observed_at=row.observed_at,
            fetched_at=row.fetched_at,
            values={_METRICS[name]: _value(value) for name, value in orjson.loads(row.reading_values).items()},
            discarded={_METRICS[name]: value for name, value in orjson.loads(row.discarded or "{}").items()},
            id=row.id,
        )
        for row in rows
    }


def _json(values: Mapping[Metric, Value] | Mapping[Metric, float]) -> str:
    return orjson.dumps({metric.value: value for metric, value in values.items()}).decode()


def _value(value: Json) -> Value:
    if isinstance(value, list):
        return tuple([_KINDS[kind] for kind in value])
    plain: Value = value
    return plain
