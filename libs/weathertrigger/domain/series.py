"""The hours around a moment at one place: stored readings behind, a forecast ahead (decision 21)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from math import fsum

from weathertrigger.domain.condition import DaySpan, HourSpan
from weathertrigger.domain.forecast import EachDay, Forecast, Values, beginning_of, hour_of
from weathertrigger.domain.units import CANONICAL_UNITS
from weathertrigger.domain.weather import Metric, Value

FORECAST_MAX_AGE = timedelta(hours=3)
"""A forecast fetched longer ago than this is unknown (semantics 4)."""

_HALF_AN_HOUR = timedelta(minutes=30)
_NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of a metric in a window.

    `values` are those of the known steps, in canonical units and in the order of time; there are `needed` steps.
    `forecast` is the one that some of them come from, `past` says whether some come from stored readings. `days` are
    the first and the last local date of a window of days. `open_step` is the index of a value that is the figure of a
    part of its day: that of the whole day may be higher (its greatest, its sum) or lower (its least), and nothing else.
    """

    values: tuple[Value, ...]
    needed: int
    forecast: Forecast | None = None
    past: bool = False
    days: tuple[date, date] | None = None
    open_step: int | None = None

    @property
    def known(self) -> int:
        """How many steps are known."""
        return len(self.values)

    @property
    def is_known(self) -> bool:
        """Whether at least 75 % of the steps are known, so that they decide."""
        return bool(self.needed) and 4 * self.known >= 3 * self.needed

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values of a metric that is a number."""
        return tuple([value for value in self.values if not isinstance(value, bool | tuple)])


@dataclass(frozen=True, slots=True)
class Series:
    """What is known of the weather around `at`.

    `past` holds, by the hour's number, the newest reading observed in that hour. A forecast older than `max_age`
    counts as absent. `zone` is the place's; without it no local day is known.
    """

    at: datetime
    past: Mapping[int, Values]
    forecast: Forecast | None = None
    zone: tzinfo | None = None
    max_age: timedelta = FORECAST_MAX_AGE

    @property
    def hour(self) -> int:
        """The first of the hours ahead: the one that began less than half an hour ago, or else the next."""
        return hour_of(self.at + _HALF_AN_HOUR)

    @property
    def fresh_forecast(self) -> Forecast | None:
        """The forecast, unless it is too old."""
        is_fresh = self.forecast is not None and self.at - self.forecast.fetched_at <= self.max_age
        return self.forecast if is_fresh else None

    def look(self, metric: Metric, span: HourSpan | DaySpan) -> Window:
        """What is known of the metric in the span: of each hour, or one figure of each day."""
        if isinstance(span, HourSpan):
            return self._hours(metric, range(self.hour + span.start, self.hour + span.end))
        needed = span.last - span.first + 1
        if self.zone is None:
            return Window((), needed)
        today = self.at.astimezone(self.zone).date()
        days = [today + timedelta(days=offset) for offset in range(span.first, span.last + 1)]
        seen = [self._day(metric, day, span.each_day, self.zone, is_today=day == today) for day in days]
        is_open = [one.open_step is not None for one in seen if one.values]
        return Window(
            values=tuple([value for one in seen for value in one.values]),
            needed=needed,
            forecast=next((one.forecast for one in seen if one.forecast), None),
            past=any(one.past for one in seen),
            days=(days[0], days[-1]),
            open_step=is_open.index(True) if True in is_open else None,
        )

    def before(self, metric: Metric, hour: int, count: int) -> Window:
        """What was read of the metric in so many hours before that hour, the forecast left out."""
        hours = range(hour - count, hour)
        values = _known(self.past, metric, hours)
        return Window(tuple(values), count, past=bool(values))

    def _hours(self, metric: Metric, hours: Sequence[int], *, is_filled: bool = False) -> Window:
        """`is_filled`: of hours that are over and of which nothing was read, what the forecast says counts."""
        first_ahead, forecast = self.hour, self.fresh_forecast
        past = _known(self.past, metric, [hour for hour in hours if hour < first_ahead])
        if forecast is None:
            return Window(tuple(past), len(hours), past=bool(past))
        told = [hour for hour in hours if hour >= first_ahead or (is_filled and not _knows(self.past, metric, hour))]
        ahead = _known(forecast.hours, metric, told)
        return Window((*past, *ahead), len(hours), forecast if ahead else None, past=bool(past))

    def _day(self, metric: Metric, day: date, each_day: EachDay, zone: tzinfo, *, is_today: bool) -> Window:
        """The day as one step: its own hours' figure, or else what the provider says of the whole day; of today, if
        neither is known, the figure of the hours that are."""
        hours = self._hours(metric, hours_of(day, zone), is_filled=is_today)
        forecast = self.fresh_forecast
        said = forecast.days.get(day, {}).get(each_day, {}).get(metric) if forecast else None
        if said is not None and not hours.is_known:
            return Window((said,), 1, forecast)
        is_bound = is_today and bool(hours.known) and each_day is not EachDay.MEAN
        if not (hours.is_known or is_bound):
            return Window((), 1)
        value = figure(hours.numbers, each_day)
        return Window((value,), 1, hours.forecast, past=hours.past, open_step=None if hours.is_known else 0)


@lru_cache(maxsize=4096)
def hours_of(day: date, zone: tzinfo) -> tuple[int, ...]:
    """The numbers of the hours that begin on the local day: 24, or some more or less where the clocks change."""
    midnight = hour_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
    around = range(midnight - 24, midnight + 48)  # no zone is a day away from UTC
    return tuple([hour for hour in around if beginning_of(hour).astimezone(zone).date() == day])


def figure(numbers: Sequence[float], wanted: EachDay) -> float:
    """The least, greatest or mean number, or the sum. There is at least one."""
    if wanted is EachDay.MIN:
        return min(numbers)
    if wanted is EachDay.MAX:
        return max(numbers)
    total = fsum(numbers)
    return total if wanted is EachDay.SUM else total / len(numbers)


def _known(by_hour: Mapping[int, Values], metric: Metric, hours: Iterable[int]) -> list[Value]:
    """The values that are there and of the metric's own kind, in the order of the hours."""
    values = [by_hour.get(hour, _NOTHING).get(metric) for hour in hours]
    return [value for value in values if value is not None and _is_of_kind(metric, value)]


def _knows(by_hour: Mapping[int, Values], metric: Metric, hour: int) -> bool:
    value = by_hour.get(hour, _NOTHING).get(metric)
    return value is not None and _is_of_kind(metric, value)


def _is_of_kind(metric: Metric, value: Value) -> bool:
    if isinstance(value, tuple):
        return metric is Metric.CONDITION
    return isinstance(value, bool) is (metric not in CANONICAL_UNITS) and metric is not Metric.CONDITION
