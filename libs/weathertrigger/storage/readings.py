"""Weather readings: the cache that every worker shares, and the history."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from weathertrigger.domain.forecast import Values, hour_of
from weathertrigger.domain.weather import Metric, Place, Reading, Value, WeatherKind
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "readings"
_ALL = tuple(Metric)
_METRICS = {metric.value: metric for metric in _ALL}  # a look-up in an enumeration costs ten times as much
_KINDS = {kind.value: kind for kind in WeatherKind}
_PLAIN = tuple(metric for metric in _ALL if metric is not Metric.CONDITION)
_WHOLE = f"id, place_id, provider, observed_at, fetched_at, discarded, {', '.join(_ALL)}"
_BEFORE_METRICS = 6


@dataclass(frozen=True, slots=True)
class Ages:
    """How old what is known of a place may be before it is asked for again, and how old it may be at all."""

    refresh: timedelta
    forecast_refresh: timedelta
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """A place and what is known of it: the id of its newest reading if that is fresh, else of the last good one."""

    place: Place
    reading_id: int | None
    last_good_id: int | None
    has_forecast: bool
    starved: bool


def newest(tx: Transaction, place_ids: Collection[str], ages: Ages) -> dict[str, PlaceNow]:
    """Every place of these that exists, with what is known of it."""
    rows = tx.rows(
        load_queries(_SQL)["newest"],
        {
            "place_ids": list(place_ids),
            "refresh": ages.refresh,
            "forecast_refresh": ages.forecast_refresh,
            "max_age": ages.max_age,
        },
    )
    return {
        row.place_id: PlaceNow(
            Place(row.place_id, row.latitude, row.longitude, row.name, row.time_zone),
            row.reading_id,
            row.last_good_id,
            row.has_forecast,
            row.starved,
        )
        for row in rows
    }


def add(tx: Transaction, readings: Sequence[Reading]) -> dict[str, int]:
    """Stores the readings, one per place, and gives their ids by place."""
    columns: dict[str, object] = {
        metric.value: [reading.values.get(metric) for reading in readings] for metric in _PLAIN
    }
    rows = tx.rows(
        load_queries(_SQL)["add"],
        {
            **columns,
            "place_id": [reading.place_id for reading in readings],
            "provider": [reading.provider for reading in readings],
            "observed_at": [reading.observed_at for reading in readings],
            "fetched_at": [reading.fetched_at for reading in readings],
            "discarded": [_json(reading.discarded) if reading.discarded else None for reading in readings],
            "condition": [_joined(reading.values.get(Metric.CONDITION)) for reading in readings],
        },
    )
    return {row.place_id: row.id for row in rows}


def by_id(tx: Transaction, reading_ids: Collection[int]) -> dict[int, Reading]:
    """The readings of these ids that exist."""
    statement = load_queries(_SQL)["by_id"].format(columns=_WHOLE)
    rows = tx.rows(statement, {"reading_ids": list(reading_ids)})
    return {row.id: _reading(row) for row in rows}


def hour_by_hour(
    tx: Transaction, since: Mapping[str, datetime], metrics: Collection[Metric]
) -> dict[str, dict[int, Values]]:
    """The past of places, each since a time of its own: by the number of the hour (`domain/forecast.py`), what was last
    observed in it of these metrics."""
    ordered = sorted(metrics)
    statement = load_queries(_SQL)["hour_by_hour"].format(metrics=", ".join(ordered))
    past: dict[str, dict[int, Values]] = defaultdict(dict)
    for place_id, observed_at, *values in tx.rows(statement, {"place_ids": list(since), "since": list(since.values())}):
        past[place_id][hour_of(observed_at)] = _values(ordered, values)
    return past


def observed_between(tx: Transaction, place_id: str, since: datetime, until: datetime) -> list[Reading]:
    """Every reading of the place that was observed from `since` to before `until`, in the order of time."""
    statement = load_queries(_SQL)["observed_between"].format(columns=_WHOLE)
    parameters = {"place_id": place_id, "since": since, "until": until}
    return [_reading(row) for row in tx.rows(statement, parameters)]


def time_zones(tx: Transaction, place_ids: Collection[str]) -> dict[str, str]:
    """The IANA time zones of these places, where they are known."""
    return {row.id: row.time_zone for row in tx.rows(load_queries(_SQL)["time_zones"], {"place_ids": list(place_ids)})}


def expire(tx: Transaction, before: datetime, *, most: int) -> int:
    """Deletes at most so many readings, the oldest, that were fetched before then; gives how many."""
    return tx.execute(load_queries(_SQL)["expire"], {"before": before, "most": most})


def _reading(row: Row) -> Reading:
    return Reading(
        place_id=row.place_id,
        provider=row.provider,
        observed_at=row.observed_at,
        fetched_at=row.fetched_at,
        values=_values(_ALL, row[_BEFORE_METRICS:]),
        discarded={_METRICS[name]: value for name, value in (row.discarded or {}).items()},
        id=row.id,
    )


def _values(metrics: Iterable[Metric], columns: Iterable[Value | str | None]) -> Values:
    """What is known of the metrics, whose columns come in the same order."""
    values: dict[Metric, Value] = {}
    for metric, value in zip(metrics, columns, strict=True):
        if isinstance(value, str):
            values[metric] = tuple([_KINDS[kind] for kind in value.split(",")])
        elif value is not None:
            values[metric] = value
    return values


def _joined(kinds: Value | None) -> str | None:
    return ",".join(kinds) if isinstance(kinds, tuple) else None


def _json(values: Mapping[Metric, float]) -> str:
    return orjson.dumps({metric.value: value for metric, value in values.items()}).decode()
