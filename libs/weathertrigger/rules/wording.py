"""The wording that explanations share: metrics, numbers with their units, thresholds, hours and days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from weathertrigger.domain.condition import Comparator, HourSpan, Threshold, meets
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric, WeatherKind

FIGURES: Mapping[str, str] = MappingProxyType(
    {EachDay.MIN: "lowest", EachDay.MAX: "highest", EachDay.MEAN: "mean", EachDay.SUM: "total"}
)
"""What stands before a metric; `Take` has the same words."""

FLAGS: Mapping[tuple[Metric, bool], str] = MappingProxyType(
    {
        (Metric.IS_DAY, True): "it is day",
        (Metric.IS_DAY, False): "it is night",
        (Metric.ALERT, True): "there is a weather alert",
        (Metric.ALERT, False): "there is no weather alert",
    }
)
"""What a yes or no says."""

_SPOKEN = {
    Comparator.ABOVE: "above",
    Comparator.AT_LEAST: "at least",
    Comparator.BELOW: "below",
    Comparator.AT_MOST: "at most",
}
_UNITS = (("h", 3600), ("min", 60), ("s", 1))
_DIGITS = 6
_ALL_DIGITS = 15  # a number with so many is what its author wrote


def spoken_metric(metric: Metric) -> str:
    """The metric as people say it: `wind gust`."""
    return metric.replace("_", " ")


def spoken_kinds(kinds: Iterable[WeatherKind], word: str) -> str:
    """`freezing rain or snow`: those of a set in their alphabetical order, those of a tuple in its own."""
    ordered = sorted(kinds) if isinstance(kinds, frozenset) else kinds
    return f" {word} ".join(ordered).replace("_", " ")


def spoken_limits(thresholds: Sequence[Threshold], unit: str) -> str:
    """`at least 4 C and below 25 C`."""
    return " and ".join([f"{_SPOKEN[one.comparator]} {_quantity(one.value, unit, _ALL_DIGITS)}" for one in thresholds])


def spoken_number(value: float, unit: str, thresholds: Sequence[Threshold]) -> str:
    """The number with few digits, unless they would put it on the wrong side of a threshold."""
    shown = float(f"{value:.{_DIGITS}g}")
    fits = shown == value or all(meets(one, shown) is meets(one, value) for one in thresholds)
    return _quantity(value, unit, _DIGITS if fits else _ALL_DIGITS)


def spoken_hours(span: HourSpan) -> str:
    """`the next 12 hours`."""
    count = span.end - span.start
    hours = f"{count} hours" if count > 1 else "hour"
    if span.start == 0:
        return f"the next {hours}"
    if span.end == 0:
        return f"the last {hours}"
    if span.start > 0:
        return f"the {hours} from {span.start} h to {span.end} h ahead"
    if span.end < 0:
        return f"the {hours} from {-span.start} h to {-span.end} h ago"
    return f"the {hours} from {-span.start} h ago to {span.end} h ahead"


def spoken_days(days: tuple[date, date]) -> str:
    """`the days 26 Nov to 28 Nov`, or one day: `26 Nov`."""
    first, last = [f"{day.day} {day:%b}" for day in days]
    return first if first == last else f"the days {first} to {last}"


def spoken_figure(metric: Metric, each_day: EachDay) -> str:
    """`the highest temperature`, of a day."""
    return f"the {FIGURES[each_day]} {spoken_metric(metric)}"


def spoken_length(length: timedelta) -> str:
    """The length in the largest unit that divides it: `90 s`, `60 min`, `24 h`."""
    seconds = length // timedelta(seconds=1)
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size} {unit}"


def spoken_time(when: datetime, now: datetime) -> str:
    """`15:06 UTC`, or with the day if it is another one: `15:06 UTC on 2 Mar`."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    return f"{when:%H:%M} UTC" + ("" if when.date() == now.date() else f" on {when.day} {when:%b}")


def _quantity(value: float, unit: str, digits: int) -> str:
    return f"{value:.{digits}g}" if unit == "index" else f"{value:.{digits}g} {unit}"
