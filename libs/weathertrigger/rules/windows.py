"""What a leaf with a window, or a trend, says of the hours around now (semantics 6 and 9, decision 21)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from weathertrigger.domain.condition import (
    Comparison,
    DaySpan,
    Direction,
    Flag,
    HourSpan,
    Membership,
    Over,
    Take,
    Threshold,
    Trend,
    Truth,
    all_of,
    any_of,
    meets,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.series import Series, Window, figure
from weathertrigger.domain.units import difference_from_canonical, from_canonical, sum_from_canonical
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.rules.wording import spoken_days, spoken_figure, spoken_hours, spoken_metric

Windowed = Comparison | Membership | Flag
"""A leaf that may have a window."""

FIGURE_OF = {Take.MIN: EachDay.MIN, Take.MAX: EachDay.MAX, Take.MEAN: EachDay.MEAN, Take.SUM: EachDay.SUM}
"""The takes that make one number of a window; the others count the steps that pass."""


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """What came of a window or a trend: the number in the leaf's unit or the count of steps that pass, or why none."""

    truth: Truth
    value: float | None
    window: Window
    missing: str | None = None


def metric_of(leaf: Windowed | Trend) -> Metric:
    """What the leaf looks at."""
    return Metric.CONDITION if isinstance(leaf, Membership) else leaf.metric


def judge_window(leaf: Windowed, over: Over, series: Series) -> WindowVerdict:
    """The verdict of a leaf over its window. How old the present reading is does not matter to it."""
    window = series.look(metric_of(leaf), over.span)
    if not window.is_known:
        return WindowVerdict(leaf.if_missing, None, window, _why_unknown(metric_of(leaf), over.span, window, series))
    if window.open_step is not None and isinstance(leaf, Comparison):
        return _judge_open(leaf, over, window, window.open_step)
    wanted = FIGURE_OF.get(over.take)
    if wanted and isinstance(leaf, Comparison):
        value = in_unit(leaf, over, figure(window.numbers, wanted))
        return WindowVerdict(all(meets(threshold, value) for threshold in leaf.thresholds), value, window)
    passed = sum(_passes(leaf, over, value) for value in window.values)
    least = window.known if over.take is Take.ALL else over.at_least or 1
    return WindowVerdict(passed >= least, passed, window)


def _judge_open(leaf: Comparison, over: Over, window: Window, open_step: int) -> WindowVerdict:
    """The verdict where a part of today is not known: there is one if no weather in that part could change it.

    Every number that is made of the days rises and falls with each of them, so that the two ends tell all between.
    """
    is_least = isinstance(over.span, DaySpan) and over.span.each_day is EachDay.MIN
    end = list(window.numbers)
    end[open_step] = -math.inf if is_least else math.inf
    wanted = FIGURE_OF.get(over.take)
    steps = [(figure(one, wanted),) for one in (window.numbers, end)] if wanted else [window.numbers, end]
    pairs = [[in_unit(leaf, over, value) for value in pair] for pair in zip(*steps, strict=True)]
    truths = [all_of([_settled(threshold, pair) for threshold in leaf.thresholds]) for pair in pairs]
    truth = any_of(truths) if over.take is Take.ANY else all_of(truths)
    if truth is None:
        return WindowVerdict(leaf.if_missing, None, window, _why_open(metric_of(leaf), over.span))
    return WindowVerdict(truth, pairs[0][0] if wanted else truths.count(True), window)


def _settled(threshold: Threshold, values: Sequence[float]) -> Truth:
    """Whether the threshold is met, if it makes no difference by which of the values."""
    met = {meets(threshold, value) for value in values}
    return met.pop() if len(met) == 1 else None


def judge_trend(leaf: Trend, present: float, hour: int, series: Series) -> WindowVerdict:
    """The verdict on how far the present, in its canonical unit, is from the lowest or highest of the hours before.

    `hour` is the one in which the present was observed. It is none of them: what was last read in it is the present.
    """
    window = series.before(leaf.metric, hour, leaf.within)
    if not window.is_known:
        why = _why_unknown(leaf.metric, HourSpan(-leaf.within, 0), window, series)
        return WindowVerdict(leaf.if_missing, None, window, why)
    numbers = (*window.numbers, present)
    change = present - min(numbers) if leaf.direction is Direction.RISES else max(numbers) - present
    value = difference_from_canonical(leaf.metric, change, leaf.unit)
    return WindowVerdict(value >= leaf.amount, value, window)


def in_unit(leaf: Comparison, over: Over, value: float) -> float:
    """A step or figure of the window in the leaf's unit."""
    convert = sum_from_canonical if over.adds_up else from_canonical
    return convert(leaf.metric, value, leaf.unit)


def _passes(leaf: Windowed, over: Over, value: Value) -> bool:
    if isinstance(leaf, Membership):
        return isinstance(value, tuple) and leaf.kinds.isdisjoint(value) is leaf.negated
    if isinstance(leaf, Flag):
        return value is leaf.wanted
    if isinstance(value, bool | tuple):
        return False
    shown = in_unit(leaf, over, value)
    return all(meets(threshold, shown) for threshold in leaf.thresholds)


def _why_unknown(metric: Metric, span: HourSpan | DaySpan, window: Window, series: Series) -> str:
    if isinstance(span, HourSpan):
        what, steps, ahead = spoken_metric(metric), spoken_hours(span), span.end > 0
    elif window.days is None:
        return "the time zone of the place is not known, and so its days are not"
    else:
        what, steps, ahead = spoken_figure(metric, span.each_day), spoken_days(window.days), span.last >= 0
    why = _why_no_forecast(series) if ahead else ""
    if window.needed == 1:
        return f"{what} is not known for {steps}{why}"
    return f"{what} is known for {f'only {window.known}' if window.known else 'none'} of {steps}{why}"


def _why_open(metric: Metric, span: HourSpan | DaySpan) -> str:
    what = spoken_figure(metric, span.each_day) if isinstance(span, DaySpan) else spoken_metric(metric)
    return f"{what} of today hangs on hours of which nothing is known"


def _why_no_forecast(series: Series) -> str:
    if series.fresh_forecast:
        return ""
    if series.forecast is None:
        return " (there is no forecast)"
    return f" (the forecast was fetched {int((series.at - series.forecast.fetched_at).total_seconds() // 60)} min ago)"
