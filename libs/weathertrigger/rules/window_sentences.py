"""What a window or a trend says, in words: `precipitation is above 0.2 mm/h in 5 of the next 12 hours`."""

from weathertrigger.domain.condition import (
    Comparator,
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
    meets,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.series import Window
from weathertrigger.rules.evaluation import LeafResult
from weathertrigger.rules.windows import FIGURE_OF, Windowed, in_unit
from weathertrigger.rules.wording import (
    FIGURES,
    FLAGS,
    spoken_days,
    spoken_figure,
    spoken_hours,
    spoken_kinds,
    spoken_limits,
    spoken_metric,
    spoken_number,
)

_DAILY = {
    EachDay.MIN: "daily minimum",
    EachDay.MAX: "daily maximum",
    EachDay.MEAN: "daily mean",
    EachDay.SUM: "daily total",
}


def spoken_window(result: LeafResult, window: Window) -> str:
    """What a leaf on other hours says, its value being known."""
    leaf, value = result.leaf, result.value
    if isinstance(value, tuple) or value is None:
        raise AssertionError(result)
    if isinstance(leaf, Trend):
        return _trend(leaf, value, result)
    if leaf.over is None:
        raise AssertionError(result)
    if isinstance(leaf, Comparison) and leaf.over.take in FIGURE_OF:
        return _number(leaf, leaf.over, value, result.truth, window)
    if window.needed > 1:
        return _count(leaf, leaf.over, value, result.truth, window)
    if isinstance(leaf, Comparison):
        return _number(leaf, leaf.over, in_unit(leaf, leaf.over, window.numbers[0]), result.truth, window)
    return f"{_statement(leaf, leaf.over, holds=bool(value))} in {_steps(leaf.over, window)}"


def _trend(leaf: Trend, value: float, result: LeafResult) -> str:
    """`temperature 12 C is 6 C below its highest of the last 3 hours, which is at least 5 C`."""
    least = [Threshold(Comparator.AT_LEAST, leaf.amount)]
    present = spoken_number(result.present or 0.0, leaf.unit, [])
    way = "above its lowest" if leaf.direction is Direction.RISES else "below its highest"
    hours = spoken_hours(HourSpan(-leaf.within, 0))
    change = spoken_number(value, leaf.unit, least)
    limit = f"{'' if result.truth else 'not '}{spoken_limits(least, leaf.unit)}"
    return f"{spoken_metric(leaf.metric)} {present} is {change} {way} of {hours}, which is {limit}"


def _number(leaf: Comparison, over: Over, value: float, truth: Truth, window: Window) -> str:
    """`the highest temperature of the next 12 hours, 31 C, is at least 30 C`."""
    told = [one for one in leaf.thresholds if meets(one, value) is truth]
    what = f"{_figure(leaf, over, window)} of {_steps(over, window)}"
    limits = f"{'' if truth else 'not '}{spoken_limits(told, leaf.unit)}"
    return f"{what}, {spoken_number(value, leaf.unit, told)}, is {limits}"


def _figure(leaf: Comparison, over: Over, window: Window) -> str:
    metric = spoken_metric(leaf.metric)
    wanted = FIGURE_OF.get(over.take)
    if isinstance(over.span, DaySpan):
        each_day = over.span.each_day
        if window.needed == 1 or wanted is each_day or wanted is None:
            return spoken_figure(leaf.metric, each_day)
        return f"the {FIGURES[wanted]} {_DAILY[each_day]} of {metric}"
    return spoken_figure(leaf.metric, wanted) if wanted else f"the {metric}"


def _count(leaf: Windowed, over: Over, count: float, truth: Truth, window: Window) -> str:
    """`precipitation is above 0.2 mm/h in 5 of the next 12 hours, which is at least 3`."""
    days = isinstance(over.span, DaySpan)
    how_many = f"{count:g}" if count else "none"
    if over.take is Take.ALL and truth:
        how_many = "each" if days else "all"
    elif over.take is Take.ALL and count:
        how_many = f"only {how_many}"
    needed = f", which is {'' if truth else 'not '}at least {over.at_least}" if over.at_least else ""
    said = _statement(leaf, over, holds=True)
    return f"{said} {'on' if days else 'in'} {how_many} of {_steps(over, window)}{needed}"


def _statement(leaf: Windowed, over: Over, *, holds: bool) -> str:
    """What is said of one step that passes, or of one that does not."""
    if isinstance(leaf, Flag):
        return FLAGS[leaf.metric, leaf.wanted is holds]
    if isinstance(leaf, Membership):
        return f"condition is {'' if leaf.negated is not holds else 'not '}{spoken_kinds(leaf.kinds, 'or')}"
    each_day = over.span.each_day if isinstance(over.span, DaySpan) else None
    what = spoken_figure(leaf.metric, each_day) if each_day else spoken_metric(leaf.metric)
    return f"{what} is {spoken_limits(leaf.thresholds, leaf.unit)}"


def _steps(over: Over, window: Window) -> str:
    """`the next 12 hours (11 known)`."""
    said = spoken_days(window.days) if window.days else ""
    if isinstance(over.span, HourSpan):
        said = spoken_hours(over.span)
    return said + (f" ({window.known} known)" if window.known < window.needed else "")
