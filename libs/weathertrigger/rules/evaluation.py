"""A condition held against a reading: true, false or unknown, with what every leaf saw.

Kleene's strong three-valued logic (semantics 1): unknown is None, and never becomes data by accident.

This runs for every check. So it asks for types in plain words (patterns of `match` cost twice as much here), and its
results are named tuples (frozen dataclasses take three times as long to make).
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from weathertrigger.domain.condition import (
    All,
    Any,
    Comparison,
    Condition,
    Flag,
    Leaf,
    Membership,
    Not,
    Threshold,
    Trend,
    Truth,
    all_of,
    any_of,
    meets,
    once_on,
)
from weathertrigger.domain.forecast import hour_of
from weathertrigger.domain.series import Series, Window
from weathertrigger.domain.units import from_canonical
from weathertrigger.domain.weather import Metric, Reading, Value
from weathertrigger.rules.windows import Windowed, judge_trend, judge_window
from weathertrigger.rules.wording import spoken_metric

MAX_AGE = timedelta(minutes=90)
"""Current weather observed longer ago than this is unknown (semantics 4)."""

_GROUPS = (All, Any)  # made once: a union written where it is asked for is made at every call
_NUMBERS = (int, float)
_LONG_AGO = datetime.fromtimestamp(0, UTC)
_NOTHING_AROUND = Series(_LONG_AGO, {})
_NO_READING = Reading("", "", _LONG_AGO, _LONG_AGO, {})


class LeafResult(NamedTuple):
    """What one leaf saw: the value in the leaf's own unit, or why there was none. `was_on`: the leaf was true at its
    last result, and so was held against its release.

    Of a leaf that looked at other hours, through its `window`, the value is the number that these came to, or the count
    of steps that pass. Of a trend it is the change, and `present` the present value.
    """

    leaf: Leaf
    truth: Truth
    value: Value | None
    missing: str | None = None
    was_on: bool = False
    window: Window | None = None
    present: float | None = None


class GroupResult(NamedTuple):
    """What came of all, any or not."""

    group: All | Any | Not
    truth: Truth
    parts: tuple["Result", ...]


Result = LeafResult | GroupResult


def evaluate(
    condition: Condition,
    reading: Reading | None,
    *,
    at: datetime,
    max_age: timedelta = MAX_AGE,
    series: Series | None = None,
    on: Collection[Comparison] = (),
) -> Result:
    """The verdict of a condition on a reading at a moment, and on the hours around that moment.

    Leaves on the present and trends do not know a reading older than `max_age`; windows may still be known from the
    series, also without any reading. Without a series nothing is known of other hours. `on` are the leaves with a
    release that were true at their last result.
    """
    if reading is None:
        return _evaluate(condition, _NO_READING, "there is no weather", series or _NOTHING_AROUND, on)
    age = at - reading.observed_at
    stale = f"the weather was observed {_minutes(age)} min ago" if age > max_age else None
    return _evaluate(condition, reading, stale, series or _NOTHING_AROUND, on)


def measured(result: Result) -> Truth:
    """The verdict that follows from what is known alone, without what `if_missing` settles."""
    if isinstance(result, LeafResult):
        return None if result.missing else result.truth
    truths = [measured(part) for part in result.parts]
    if isinstance(result.group, Not):
        return None if truths[0] is None else not truths[0]
    return all_of(truths) if isinstance(result.group, All) else any_of(truths)


def _evaluate(
    condition: Condition, reading: Reading, stale: str | None, series: Series, on: Collection[Comparison]
) -> Result:
    if isinstance(condition, Comparison):  # first, for most nodes are one
        return _evaluate_comparison(condition, reading, stale, series, on)
    if isinstance(condition, _GROUPS):
        results = tuple([_evaluate(part, reading, stale, series, on) for part in condition.parts])
        combine = all_of if isinstance(condition, All) else any_of
        return GroupResult(condition, combine([result.truth for result in results]), results)
    if isinstance(condition, Not):
        result = _evaluate(condition.part, reading, stale, series, on)
        return GroupResult(condition, None if result.truth is None else not result.truth, (result,))
    if isinstance(condition, Trend):
        return _evaluate_trend(condition, reading, stale, series)
    return _evaluate_leaf(condition, reading, stale, series)


def _evaluate_comparison(
    leaf: Comparison, reading: Reading, stale: str | None, series: Series, on: Collection[Comparison]
) -> LeafResult:
    if not on or leaf not in on:
        return _evaluate_leaf(leaf, reading, stale, series)
    return _evaluate_leaf(once_on(leaf), reading, stale, series)._replace(leaf=leaf, was_on=True)


def _evaluate_leaf(leaf: Windowed, reading: Reading, stale: str | None, series: Series) -> LeafResult:
    if leaf.over is None:
        return _evaluate_present(leaf, reading, stale)
    judged = judge_window(leaf, leaf.over, series)
    return LeafResult(leaf, judged.truth, judged.value, judged.missing, window=judged.window)


def _evaluate_present(leaf: Windowed, reading: Reading, stale: str | None) -> LeafResult:
    metric = Metric.CONDITION if isinstance(leaf, Membership) else leaf.metric
    value = reading.values.get(metric) if stale is None else None
    if value is None:
        return LeafResult(leaf, leaf.if_missing, None, stale or _why_missing(leaf, metric, reading))
    if isinstance(leaf, Comparison) and isinstance(value, _NUMBERS) and not isinstance(value, bool):
        shown = from_canonical(metric, value, leaf.unit)
        return LeafResult(leaf, _meets_all(leaf.thresholds, shown), shown)
    if isinstance(leaf, Membership) and isinstance(value, tuple):
        return LeafResult(leaf, leaf.kinds.isdisjoint(value) is leaf.negated, value)
    if isinstance(leaf, Flag) and isinstance(value, bool):
        return LeafResult(leaf, value is leaf.wanted, value)
    return LeafResult(leaf, leaf.if_missing, None, _of_another_kind(metric))


def _meets_all(thresholds: Sequence[Threshold], value: float) -> bool:
    for threshold in thresholds:  # noqa: SIM110  `all` of a generator takes twice as long here
        if not meets(threshold, value):
            return False
    return True


def _evaluate_trend(leaf: Trend, reading: Reading, stale: str | None, series: Series) -> LeafResult:
    present = reading.values.get(leaf.metric) if stale is None else None
    if present is None:
        return LeafResult(leaf, leaf.if_missing, None, stale or _why_missing(leaf, leaf.metric, reading))
    if isinstance(present, bool | tuple):
        return LeafResult(leaf, leaf.if_missing, None, _of_another_kind(leaf.metric))
    judged = judge_trend(leaf, present, hour_of(reading.observed_at), series)
    shown = from_canonical(leaf.metric, present, leaf.unit)
    return LeafResult(leaf, judged.truth, judged.value, judged.missing, window=judged.window, present=shown)


def _why_missing(leaf: Leaf, metric: Metric, reading: Reading) -> str:
    if isinstance(leaf, Comparison | Trend) and metric in reading.discarded:
        value = from_canonical(metric, reading.discarded[metric], leaf.unit)
        return f"{spoken_metric(metric)} {value:,.6g} {leaf.unit} is not physically possible"
    return f"{spoken_metric(metric)} is missing in the reading"


def _of_another_kind(metric: Metric) -> str:
    return f"{spoken_metric(metric)} is not of the kind that the condition needs"


def _minutes(age: timedelta) -> int:
    return int(age.total_seconds() // 60)
