"""The newest forecast of each place, its hours in columns, so that it takes a fifth of the room."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any as Json  # JSON of our own writing

import orjson

from weathertrigger.domain.forecast import DayFigures, EachDay, Forecast, Values
from weathertrigger.domain.weather import Metric, Value, WeatherKind
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "readings"
_METRICS = {metric.value: metric for metric in Metric}
_KINDS = {kind.value: kind for kind in WeatherKind}
_FIRST = "first"
_ALL = tuple(Metric)


def put(tx: Transaction, forecasts: Sequence[Forecast]) -> None:
    """Keeps these forecasts, one per place, each in the place of an older one."""
    tx.execute(
        load_queries(_SQL)["put_forecasts"],
        {
            "place_id": [one.place_id for one in forecasts],
            "provider": [one.provider for one in forecasts],
            "fetched_at": [one.fetched_at for one in forecasts],
            "hours": [orjson.dumps(_columns(one.hours)).decode() for one in forecasts],
            "days": [orjson.dumps(_days(one.days)).decode() for one in forecasts],
        },
    )


def of(tx: Transaction, place_ids: Collection[str], metrics: Collection[Metric] = _ALL) -> dict[str, Forecast]:
    """What the forecasts of these places, where there are any, say of these metrics."""
    rows = tx.rows(load_queries(_SQL)["forecasts"], {"place_ids": list(place_ids)})
    return {
        row.place_id: Forecast(
            row.place_id,
            row.provider,
            row.fetched_at,
            _hours(orjson.loads(row.hours), metrics),
            _read_days(orjson.loads(row.days)),
        )
        for row in rows
    }


def _columns(hours: Mapping[int, Values]) -> dict[str, Json]:
    """`{"first": 494000, "rain": [0.0, null, ...], ...}`: hours that are not there are null in every column."""
    if not hours:
        return {}
    first, last = min(hours), max(hours)
    metrics = sorted({metric for values in hours.values() for metric in values})
    span = range(first, last + 1)
    return {_FIRST: first} | {metric.value: [hours.get(hour, {}).get(metric) for hour in span] for metric in metrics}


def _hours(columns: dict[str, Json], metrics: Collection[Metric]) -> dict[int, Values]:
    hours: dict[int, dict[Metric, Value]] = {}
    first = columns.get(_FIRST, 0)
    for metric in metrics:
        for hour, value in enumerate(columns.get(metric.value, ()), first):
            if value is not None:
                hours.setdefault(hour, {})[metric] = (
                    tuple(map(_KINDS.__getitem__, value)) if type(value) is list else value
                )
    return dict(hours)


def _days(days: Mapping[date, DayFigures]) -> dict[str, Json]:
    return {
        day.isoformat(): {
            kind.value: {metric.value: one for metric, one in figures.items()} for kind, figures in by.items()
        }
        for day, by in days.items()
    }


def _read_days(days: dict[str, Json]) -> dict[date, DayFigures]:
    return {
        date.fromisoformat(day): {
            EachDay(kind): {_METRICS[name]: value for name, value in figures.items()} for kind, figures in by.items()
        }
        for day, by in days.items()
    }
