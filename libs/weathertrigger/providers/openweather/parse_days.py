"""The days of One Call: what it says of a whole local day itself. Pure.

Its wind and UV index are the highest of the day; of most other metrics it tells the value at noon, which stands for no
more than noon. What it feels like is told at four times of the day, and none of them is an extreme.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from weathertrigger.domain.forecast import DayFigures, EachDay
from weathertrigger.domain.physical_bounds import DAY_SUM_BOUNDS
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.http.strict_json import Json, dig, items, whole
from weathertrigger.providers.openweather.times import expected_at, told_once
from weathertrigger.providers.openweather.values import Path, fallen, judge, numbers_at

_LOWEST: Mapping[Metric, Path] = MappingProxyType({Metric.TEMPERATURE: ("temp", "min")})
_HIGHEST: Mapping[Metric, Path] = MappingProxyType(
    {
        Metric.TEMPERATURE: ("temp", "max"),
        Metric.WIND_SPEED: ("wind_speed",),
        Metric.WIND_GUST: ("wind_gust",),
        Metric.UV_INDEX: ("uvi",),
    }
)
DAY_FIGURES: Mapping[EachDay, frozenset[Metric]] = MappingProxyType(
    {
        EachDay.MIN: frozenset(_LOWEST),
        EachDay.MAX: frozenset(_HIGHEST),
        EachDay.SUM: frozenset({Metric.RAIN, Metric.SNOW, Metric.SNOWFALL, Metric.PRECIPITATION}),
    }
)
"""Everything that it may say of a day."""

_FARTHEST_FROM_UTC = timedelta(hours=15)


def parse_days(body: Json, fetched_at: datetime) -> dict[date, DayFigures]:
    """By local date. A day that cannot be read is left out, and every day if the local time cannot be told."""
    offset = _utc_offset(dig(body, "timezone_offset"))
    return {} if offset is None else told_once(_days(items(dig(body, "daily")), fetched_at, offset))


def _days(entries: list[Json], fetched_at: datetime, offset: timedelta) -> Iterator[tuple[date, DayFigures]]:
    for entry in entries:
        at = expected_at(dig(entry, "dt"), fetched_at)  # its local noon
        if isinstance(entry, dict) and at is not None and (figures := _figures(entry)):
            yield (at + offset).date(), figures


def _figures(entry: dict[str, Json]) -> DayFigures:
    """Empty of what is no day: then an absent `rain` would say nothing either."""
    lowest, highest = numbers_at(entry, _LOWEST), numbers_at(entry, _HIGHEST)
    if Metric.TEMPERATURE not in lowest | highest:
        return {}
    fell = judge(fallen(entry), DAY_SUM_BOUNDS)[0]
    return {
        EachDay.MIN: _numbers(judge(lowest)[0]),
        EachDay.MAX: _numbers(judge(highest)[0]),
        EachDay.SUM: _numbers(fell),
    }


def _numbers(values: Mapping[Metric, Value]) -> dict[Metric, float]:
    return {metric: value for metric, value in values.items() if isinstance(value, float)}


def _utc_offset(seconds: Json) -> timedelta | None:
    """That of now. On the other side of a time change it is an hour off, which noon bears without changing its date."""
    known = None if isinstance(seconds, str) else whole(seconds)
    return None if known is None or abs(known) > _FARTHEST_FROM_UTC.total_seconds() else timedelta(seconds=known)
