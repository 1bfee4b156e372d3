"""A condition held against a reading: true, false or unknown, with what every leaf saw.

Kleene's strong three-valued logic (semantics 1): unknown is None, and never becomes data by accident.

This runs for every check. So it asks for types in plain words: patterns of `match` cost twice as much here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from types import MappingProxyType

from weathertrigger.domain.condition import (
    All,
    Any,
    Comparator,
    Comparison,
    Condition,
    Flag,
    Leaf,
    Membership,
    Not,
    Threshold,
    Truth,
)
from weathertrigger.domain.units import from_canonical
from weathertrigger.domain.weather import Metric, Reading, Value

MAX_AGE = timedelta(minutes=90)
"""Current weather observed longer ago than this is unknown (semantics 4)."""

_HOLDS: Mapping[Comparator, Callable[[float, float], bool]] = MappingProxyType(
    {Comparator.ABOVE: gt, Comparator.AT_LEAST: ge, Comparator.BELOW: lt, Comparator.AT_MOST: le}
)


@dataclass(frozen=True, slots=True)
class LeafResult:
    """What one leaf saw: the value in the leaf's own unit, or why there was none."""

    leaf: Leaf
    truth: Truth
    value: Value | None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What came of all, any or not."""

    group: All | Any | Not
    truth: Truth
    parts: tuple["Result", ...]


Result = LeafResult | GroupResult


def evaluate(condition: Condition, reading: Reading, *, at: datetime, max_age: timedelta = MAX_AGE) -> Result:
    """The verdict of a condition on a reading at a moment."""
    age = at - reading.observed_at
    stale = f"the weather was observed {_minutes(age)} min ago" if age > max_age else None
    return _evaluate(condition, reading, stale)


def all_of(truths: Iterable[Truth]) -> Truth:
    """False when any is false, else unknown when any is unknown, else true."""
    seen = tuple(truths)
    if False in seen:
        return False
    return None if None in seen else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """True when any is true, else unknown when any is unknown, else false."""
    seen = tuple(truths)
    if True in seen:
        return True
    return None if None in seen else False


def meets(threshold: Threshold, value: float) -> bool:
    """Whether the number, in the threshold's unit, is on the right side."""
    return _HOLDS[threshold.comparator](value, threshold.value)


def _evaluate(condition: Condition, reading: Reading, stale: str | None) -> Result:
    if isinstance(condition, All | Any):
        results = tuple([_evaluate(part, reading, stale) for part in condition.parts])
        combine = all_of if isinstance(condition, All) else any_of
        return GroupResult(condition, combine([result.truth for result in results]), results)
    if isinstance(condition, Not):
        result = _evaluate(condition.part, reading, stale)
        return GroupResult(condition, None if result.truth is None else not result.truth, (result,))
    return _evaluate_leaf(condition, reading, stale)


def _evaluate_leaf(leaf: Leaf, reading: Reading, stale: str | None) -> LeafResult:
    metric = Metric.CONDITION if isinstance(leaf, Membership) else leaf.metric
    value = reading.values.get(metric) if stale is None else None
    if value is None:
        return LeafResult(leaf, leaf.if_missing, None, stale or _why_missing(leaf, metric, reading))
    if isinstance(leaf, Comparison) and isinstance(value, int | float) and not isinstance(value, bool):
        shown = from_canonical(metric, value, leaf.unit)
        return LeafResult(leaf, all(meets(threshold, shown) for threshold in leaf.thresholds), shown)
    if isinstance(leaf, Membership) and isinstance(value, tuple):
        return LeafResult(leaf, leaf.kinds.isdisjoint(value) is leaf.negated, value)
    if isinstance(leaf, Flag) and isinstance(value, bool):
        return LeafResult(leaf, value is leaf.wanted, value)
    return LeafResult(
        leaf, leaf.if_missing, None, f"{spoken_metric(metric)} is not of the kind that the condition needs"
    )


def _why_missing(leaf: Leaf, metric: Metric, reading: Reading) -> str:
    if isinstance(leaf, Comparison) and metric in reading.discarded:
        value = from_canonical(metric, reading.discarded[metric], leaf.unit)
        return f"{spoken_metric(metric)} {value:,.6g} {leaf.unit} is not physically possible"
    return f"{spoken_metric(metric)} is missing in the reading"


def spoken_metric(metric: Metric) -> str:
    """The metric as people say it: `wind gust`."""
    return metric.replace("_", " ")


def _minutes(age: timedelta) -> int:
    return int(age.total_seconds() // 60)
