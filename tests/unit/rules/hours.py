"""Hours around `AT`, which lies in the hour of 14:00 and before its middle: the window from +0 h begins there."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo

from tests.unit.rules.weather import AT
from weathertrigger.domain.condition import Comparator, Comparison, HourSpan, Over, Take, Threshold
from weathertrigger.domain.forecast import DayFigures, Forecast, Values, hour_of
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Value

NOW = hour_of(AT)
FETCHED_AT = AT - timedelta(minutes=20)


def hours(metric: Metric, first: int, values: Sequence[Value | None]) -> dict[int, Values]:
    """One value for each hour from `first` on, counted from now; None: nothing is known of that hour."""
    return {NOW + first + index: {metric: value} for index, value in enumerate(values) if value is not None}


def forecast(ahead: Mapping[int, Values], days: Mapping[date, DayFigures] | None = None) -> Forecast:
    """Fetched 20 minutes before `AT`."""
    return Forecast("40.69,-74.17", "openweather", FETCHED_AT, ahead, days or {})


def ahead(metric: Metric, values: Sequence[Value | None], zone: tzinfo | None = None) -> Series:
    """A forecast of one metric from now on, and nothing of the past."""
    return Series(AT, {}, forecast(hours(metric, 0, values)), zone)


def behind(metric: Metric, values: Sequence[Value | None]) -> Series:
    """Stored readings of one metric up to now, and no forecast."""
    return Series(AT, hours(metric, -len(values), values))


def over(start: int, end: int, take: Take, at_least: int | None = None) -> Over:
    """A window of hours."""
    return Over(HourSpan(start, end), take, at_least)


def compare(metric: Metric, unit: str, window: Over | None, **limits: float) -> Comparison:
    """A comparison over a window: `compare(Metric.RAIN, "mm/h", over(0, 3, Take.ANY), above=0.2)`."""
    return Comparison(
        metric, tuple(Threshold(Comparator(word), limit) for word, limit in limits.items()), unit, None, window
    )
