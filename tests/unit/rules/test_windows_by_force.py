"""Windows against an evaluator that goes through the seconds of every hour, and the properties that bind the takes."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rules.weather import reading
from weathertrigger.domain.condition import (
    Comparator,
    Comparison,
    DaySpan,
    Direction,
    HourSpan,
    Over,
    Take,
    Threshold,
    Trend,
    Truth,
)
from weathertrigger.domain.forecast import EachDay, Forecast, Values
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.evaluation import LeafResult, evaluate

_ZONES = [
    "UTC",
    "Europe/Zurich",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "America/Santiago",
    "Africa/Cairo",
]
# Near these days the clocks of the zones change.
_DAYS = [
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 4, 24),
    date(2026, 9, 6),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
]
_HOUR = 3600


@st.composite
def _moments(draw: st.DrawFn) -> datetime:
    """Near a change of clocks, at full and half hours more often than chance would have it."""
    day = datetime.combine(draw(st.sampled_from(_DAYS)), datetime.min.time(), UTC)
    half_hours = draw(st.integers(-5 * 48, 5 * 48))
    return day + timedelta(minutes=30 * half_hours, seconds=draw(st.sampled_from([-1, 0, 1]) | st.integers(0, 1799)))


@st.composite
def _rain(draw: st.DrawFn, at: datetime) -> dict[int, Values]:
    """Rain of up to 3 mm/h in quarters, much the same or not, in some of the hours within 17 days."""
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - not a secret
    density, least = draw(st.sampled_from([1.0, 0.8, 0.72, 0.3])), draw(st.sampled_from([0, 0, 11]))
    now = int(at.timestamp()) // _HOUR
    return {
        hour: {Metric.RAIN: chance.randint(least, 12) / 4}
        for hour in range(now - 17 * 24, now + 17 * 24)
        if chance.random() < density
    }


@st.composite
def _looks(draw: st.DrawFn) -> Series:
    at = draw(_moments())
    past, ahead = draw(_rain(at)), draw(_rain(at))
    local = at.astimezone(zone := ZoneInfo(draw(st.sampled_from(_ZONES)))).date()
    days = {local + timedelta(days=draw(st.integers(-6, 15))): {EachDay.MAX: {Metric.RAIN: 2.5}} for _ in range(3)}
    fetched_at = at - timedelta(hours=3) - draw(st.sampled_from([timedelta(0), timedelta(0), timedelta(seconds=1)]))
    return Series(at, past, Forecast("", "openweather", fetched_at, ahead, days), zone)


def _rain_of_hours(series: Series) -> dict[int, float]:
    """What is known of every hour: as it was read where half of the hour is gone, else as it is forecast."""
    known = {}
    now = series.at.timestamp()
    assert series.forecast is not None
    too_old = now - series.forecast.fetched_at.timestamp() > 3 * _HOUR
    for hour in series.past.keys() | series.forecast.hours.keys():
        gone = now - hour * _HOUR
        source: Mapping[int, Values] = series.past if gone >= _HOUR / 2 else {} if too_old else series.forecast.hours
        if hour in source:
            known[hour] = float(str(source[hour][Metric.RAIN]))
    return known


def _hours_in(at: datetime, span: HourSpan) -> list[int]:
    """Hours of which more than half lies in the window; of two that are cut in halves, the one at its end."""
    now = Fraction(at.timestamp())
    begin, end = now + span.start * _HOUR, now + span.end * _HOUR
    inside = []
    for hour in range(int(begin) // _HOUR - 1, int(end) // _HOUR + 2):
        first, last = max(begin, Fraction(hour * _HOUR)), min(end, Fraction((hour + 1) * _HOUR))
        if last - first > _HOUR // 2 or (last - first == _HOUR // 2 and last == end):
            inside.append(hour)
    return inside


_FIGURES: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "max": max,
    "mean": lambda numbers: float(sum(map(Fraction, numbers)) / len(numbers)),
    "sum": lambda numbers: float(sum(map(Fraction, numbers))),
}


def _figures_of_days(series: Series, span: DaySpan) -> tuple[list[list[float]], int]:
    """Of each known day what its figure may be, what is known of it first, and how many days there are."""
    zone, forecast = series.zone, series.forecast
    assert zone is not None
    assert forecast is not None
    known = _rain_of_hours(series)
    by_day: dict[date, list[int]] = {}
    now = int(series.at.timestamp()) // _HOUR
    for hour in range(now - 20 * 24, now + 20 * 24):
        by_day.setdefault(datetime.fromtimestamp(hour * _HOUR, zone).date(), []).append(hour)
    today = datetime.fromtimestamp(series.at.timestamp(), zone).date()
    fresh = series.at - forecast.fetched_at <= timedelta(hours=3)
    if fresh:
        told = {hour: float(str(values[Metric.RAIN])) for hour, values in forecast.hours.items()}
        known = {hour: told[hour] for hour in by_day[today] if hour in told} | known
    figures = []
    for offset in range(span.first, span.last + 1):
        day = today + timedelta(days=offset)
        numbers = [known[hour] for hour in by_day[day] if hour in known]
        if Fraction(len(numbers), len(by_day[day])) >= Fraction(3, 4):
            figures.append([_FIGURES[span.each_day](numbers)])
        elif span.each_day == "max" and day in forecast.days and fresh:
            figures.append([2.5])
        elif day == today and numbers and span.each_day != "mean":
            way = -1 if span.each_day == "min" else 1
            part = _FIGURES[span.each_day](numbers)
            figures.append([part, *(part + way * quarters / 4 for quarters in range(1, 400)), way * 1e9])
    return figures, span.last - span.first + 1


def _expected(series: Series, over: Over, limit: float) -> tuple[Truth, float | None]:
    """The verdict of `above limit`, and the value. Of today that is known in part: if it is the same whatever the rest
    of the day is like."""
    if isinstance(over.span, DaySpan):
        days, needed = _figures_of_days(series, over.span)
        outcomes = [_expected_of(list(steps), needed, over, limit) for steps in _each_of(days)]
        if len({truth for truth, _ in outcomes}) > 1 or outcomes[0][1] is None:
            return None, None
        counts = over.take not in _FIGURES  # of those that pass whatever it is like
        return outcomes[0][0], min(value or 0.0 for _, value in outcomes) if counts else outcomes[0][1]
    known, hours = _rain_of_hours(series), _hours_in(series.at, over.span)
    assert len(hours) == over.span.end - over.span.start
    return _expected_of([known[hour] for hour in hours if hour in known], len(hours), over, limit)


def _each_of(days: list[list[float]]) -> Iterator[list[float]]:
    """The days, once for everything that one of them may be."""
    longest = max(map(len, days), default=1)
    for index in range(longest):
        yield [day[index] if len(day) > 1 else day[0] for day in days]


def _expected_of(steps: list[float], needed: int, over: Over, limit: float) -> tuple[Truth, float | None]:
    if Fraction(len(steps), needed) < Fraction(3, 4):
        return None, None
    if over.take in _FIGURES:
        value = _FIGURES[over.take](steps)
        return round(value, 6) > limit, value
    passed = [step for step in steps if round(step, 6) > limit]
    wanted = {"any": 1, "all": len(steps)}.get(over.take, over.at_least or 0)
    return len(passed) >= wanted, len(passed)


def _judge(leaf: Comparison | Trend, series: Series, present: float = 0.0) -> LeafResult:
    result = evaluate(
        leaf, replace(reading({Metric.RAIN: present}), observed_at=series.at), at=series.at, series=series
    )
    assert isinstance(result, LeafResult)
    return result


def _above(limit: float, over: Over) -> Comparison:
    return Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, limit),), "mm" if over.adds_up else "mm/h", over=over)


_limits = st.integers(0, 12).map(lambda quarters: quarters / 4)


@st.composite
def _days_around_today(draw: st.DrawFn) -> Over:
    over = draw(strategies.day_windows(sums=True))
    assert isinstance(over.span, DaySpan)
    return replace(over, span=replace(over.span, first=draw(st.integers(-1, 0)), last=draw(st.integers(0, 2))))


_windows = st.one_of(strategies.hour_windows(), strategies.day_windows(sums=True), _days_around_today())


@given(_looks(), _windows, _limits)
def test_every_window_is_what_its_seconds_make_it(series: Series, over: Over, limit: float) -> None:
    """Semantics 4 and 9: hours and local days of any zone, with gaps, old forecasts and figures of the provider."""
    truth, value = _expected(series, over, limit)
    result = _judge(_above(limit, over), series)
    assert result.truth is truth
    assert result.value == (None if value is None else pytest.approx(value, abs=1e-6))


@given(_looks(), st.integers(1, 72), st.sampled_from(Direction), _limits, _limits)
def test_every_trend_is_what_its_hours_make_it(
    series: Series, within: int, direction: Direction, amount: float, present: float
) -> None:
    """Semantics 6 and 9: the present and the hours before it, at least 75 % of them known."""
    present_hour = int(series.at.timestamp()) // _HOUR
    hours = [hour for hour in sorted(series.past) if present_hour - within <= hour < present_hour]
    steps = [float(str(series.past[hour][Metric.RAIN])) for hour in hours]
    change: float | None = None
    if 4 * len(steps) >= 3 * within:
        every = [*steps, present]
        change = present - min(every) if direction == "rises_by" else max(every) - present
    result = _judge(Trend(Metric.RAIN, direction, amount + 0.25, "mm/h", within), series, present)
    assert result.value == change
    assert result.truth is (None if change is None else change >= amount + 0.25)


@given(_looks(), strategies.hour_windows((Take.HOURS,)), _limits)
def test_all_hours_are_many_and_many_are_some(series: Series, over: Over, limit: float) -> None:
    """Semantics 9: true of all is true of any, true of so many too; one hour is any; they count the same hours."""
    every, some, one = (
        _judge(_above(limit, Over(over.span, take, at_least)), series)
        for take, at_least in ((Take.ALL, None), (Take.ANY, None), (Take.HOURS, 1))
    )
    counted = _judge(_above(limit, over), series)
    assert every.value == some.value == one.value == counted.value
    assert some.truth is one.truth
    if counted.value is not None:
        assert every.truth is not True or some.truth is True
        assert counted.truth is not True or some.truth is True


@given(_looks(), strategies.hour_windows((Take.ANY,)), _limits)
def test_numbers_and_counts_agree(series: Series, over: Over, limit: float) -> None:
    """Semantics 9: any hour is above what the highest is above, all are above what the lowest is above."""
    for counted, number in ((Take.ANY, Take.MAX), (Take.ALL, Take.MIN)):
        truths = [_judge(_above(limit, Over(over.span, take)), series).truth for take in (counted, number)]
        assert truths[0] is truths[1]


@given(_looks(), _windows, _limits)
def test_a_higher_threshold_is_no_easier(series: Series, over: Over, limit: float) -> None:
    """Semantics 6 and 9: what is above a threshold is above every lower one."""
    higher, lower = (_judge(_above(one, over), series).truth for one in (limit + 0.25, limit))
    if isinstance(over.span, HourSpan):
        assert (higher is None) is (lower is None)
    assert higher is not True or lower is True
    assert lower is not False or higher is False


@given(_looks(), strategies.hour_windows((Take.MEAN,)))
def test_the_mean_lies_between_the_least_and_the_greatest(series: Series, over: Over) -> None:
    """Semantics 9: the four numbers of one window fit each other."""
    least, mean, greatest, total = (
        _judge(_above(0, Over(over.span, take)), series).value for take in (Take.MIN, Take.MEAN, Take.MAX, Take.SUM)
    )
    if least is None:
        assert mean is greatest is total is None
        return
    assert isinstance(least, float)
    assert isinstance(mean, float)
    assert isinstance(greatest, float)
    assert least <= mean <= greatest
    assert isinstance(total, float)
    assert total + 1e-6 >= greatest


@given(_looks(), strategies.hour_windows(), _limits, st.data())
def test_a_known_window_stays_known_when_more_is_known(
    series: Series, over: Over, limit: float, data: st.DataObject
) -> None:
    """Semantics 9: any hour that passes makes `any` true for good; one more known hour never makes a window unknown."""
    assert series.forecast is not None
    hour = data.draw(st.sampled_from(_hours_in(series.at, HourSpan(-3, 12))))
    more = {hour: {Metric.RAIN: 9.0}}
    forecast = replace(series.forecast, hours={**series.forecast.hours, **more})
    fuller = replace(series, past={**series.past, **more}, forecast=forecast)
    before, after = (_judge(_above(limit, over), one).truth for one in (series, fuller))
    assert before is None or after is not None
    if over.take in (Take.ANY, Take.HOURS, Take.MAX, Take.SUM) and before is True:
        assert after is True
