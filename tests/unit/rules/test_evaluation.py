"""Verdicts, against full truth tables and a brute-force evaluator that never hears of three values."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings

from tests import strategies
from tests.unit.rules.weather import AT, reading
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
    all_of,
    any_of,
)
from weathertrigger.domain.series import Series
from weathertrigger.domain.units import units_of
from weathertrigger.domain.weather import Metric, Reading, WeatherKind
from weathertrigger.rules.evaluation import MAX_AGE, GroupResult, Result, evaluate

_LEAF: dict[Truth, Leaf] = {
    True: Flag(Metric.IS_DAY, wanted=True),
    False: Flag(Metric.IS_DAY, wanted=False),
    None: Flag(Metric.ALERT, wanted=True),
}
_DAY = reading({Metric.IS_DAY: True})


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, True, False, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, True, None, True),
        (None, False, False, None),
        (None, None, None, None),
    ],
)
def test_kleene(left: Truth, right: Truth, both: Truth, either: Truth) -> None:
    """Semantics 1: all nine rows of Kleene's `and` and `or`, as functions and as conditions."""
    pair = (_LEAF[left], _LEAF[right])
    assert (all_of([left, right]), any_of([left, right])) == (both, either)
    assert evaluate(All(pair), _DAY, at=AT).truth is both
    assert evaluate(Any(pair), _DAY, at=AT).truth is either


@pytest.mark.parametrize(("part", "negated"), [(True, False), (False, True), (None, None)])
def test_not(part: Truth, negated: Truth) -> None:
    """Semantics 1: `not unknown` is unknown."""
    assert evaluate(Not(_LEAF[part]), _DAY, at=AT).truth is negated


def _leaf_results(result: Result) -> Iterator[Truth]:
    if isinstance(result, GroupResult):
        for part in result.parts:
            yield from _leaf_results(part)
    else:
        yield result.truth


def _two_valued(condition: Condition, truths: Iterator[bool]) -> bool:
    match condition:
        case All(parts) | Any(parts):
            results = [_two_valued(part, truths) for part in parts]  # all of them: each takes its own truths
            return all(results) if isinstance(condition, All) else any(results)
        case Not(part):
            return not _two_valued(part, truths)
        case _:
            return next(truths)


@settings(max_examples=40)
@given(strategies.conditions, strategies.looks())
def test_what_every_completion_agrees_on_is_bounded_by_the_verdict(
    condition: Condition, look: tuple[Reading, Series]
) -> None:
    """Semantics 1: a true or false verdict stands whatever the unknown leaves turn out to be; with no leaf unknown
    it is ordinary logic. Each unknown leaf is tried both ways, by an evaluator of two values."""
    seen, series = look
    result = evaluate(condition, seen, at=series.at, series=series)
    leaves = list(_leaf_results(result))
    completions = product(*[[True, False] if truth is None else [truth] for truth in leaves])
    outcomes = {_two_valued(condition, iter(completed)) for completed in completions}
    if result.truth is None:
        assert None in leaves
    else:
        assert outcomes == {result.truth}


def _kleene(condition: Condition, truths: Iterator[Truth]) -> float:
    """Kleene's logic as arithmetic: false, unknown and true are 0, 1/2 and 1; and is min, or is max."""
    match condition:
        case All(parts):
            return min([_kleene(part, truths) for part in parts])
        case Any(parts):
            return max([_kleene(part, truths) for part in parts])
        case Not(part):
            return 1 - _kleene(part, truths)
        case _:
            return {True: 1.0, False: 0.0, None: 0.5}[next(truths)]


@settings(max_examples=40)
@given(strategies.conditions, strategies.looks())
def test_trees_are_min_and_max(condition: Condition, look: tuple[Reading, Series]) -> None:
    """Semantics 1: the verdict of any tree is that of Kleene's arithmetic on its leaves."""
    seen, series = look
    result = evaluate(condition, seen, at=series.at, series=series)
    expected = {0.0: False, 0.5: None, 1.0: True}[_kleene(condition, _leaf_results(result))]
    assert result.truth is expected


_COMPARE: dict[Comparator, Callable[[float, float], bool]] = {
    Comparator.ABOVE: lambda value, limit: value > limit,
    Comparator.AT_LEAST: lambda value, limit: value >= limit,
    Comparator.BELOW: lambda value, limit: value < limit,
    Comparator.AT_MOST: lambda value, limit: value <= limit,
}


@pytest.mark.parametrize("comparator", Comparator)
@pytest.mark.parametrize("value", [4.0, 5.0, 6.0])
def test_each_comparator_on_under_and_over_its_threshold(comparator: Comparator, value: float) -> None:
    """Semantics 6: above is >, at_least >=, below <, at_most <=."""
    leaf = Comparison(Metric.TEMPERATURE, (Threshold(comparator, 5.0),), "C")
    assert evaluate(leaf, reading({Metric.TEMPERATURE: value}), at=AT).truth is _COMPARE[comparator](value, 5.0)


@settings(max_examples=40)
@given(strategies.comparisons(), strategies.numbers)
def test_several_comparators_are_anded(leaf: Comparison, value: float) -> None:
    """Semantics 6: a leaf with several comparators is the `all` of leaves with one each."""
    seen = reading({leaf.metric: value})
    singles = All(tuple(replace(leaf, thresholds=(one,)) for one in leaf.thresholds))
    assert evaluate(leaf, seen, at=AT).truth is evaluate(singles, seen, at=AT).truth


def test_a_condition_names_its_unit() -> None:
    """Semantics 5: 25 C is exactly 77 F, neither above nor below."""
    hot = reading({Metric.TEMPERATURE: 25.0})
    for comparator, truth in ((Comparator.AT_LEAST, True), (Comparator.ABOVE, False), (Comparator.BELOW, False)):
        leaf = Comparison(Metric.TEMPERATURE, (Threshold(comparator, 77.0),), "F")
        assert evaluate(leaf, hot, at=AT).truth is truth


@pytest.mark.parametrize(
    ("kinds", "negated", "truth"),
    [
        ({WeatherKind.RAIN}, False, True),
        ({WeatherKind.SNOW, WeatherKind.SLEET}, False, True),
        ({WeatherKind.FOG}, False, False),
        ({WeatherKind.RAIN}, True, False),
        ({WeatherKind.FOG}, True, True),
        ({WeatherKind.FOG, WeatherKind.SNOW}, True, False),
    ],
)
def test_one_code_may_be_several_kinds(kinds: set[WeatherKind], negated: bool, truth: bool) -> None:
    """Semantics 5 and 6: 616 is rain *and* snow, for `in` and for `not_in`."""
    seen = reading({Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.SNOW)})
    assert evaluate(Membership(frozenset(kinds), negated), seen, at=AT).truth is truth


@given(strategies.leaves, strategies.truths)
def test_if_missing_settles_one_leaf(leaf: Leaf, settled: Truth) -> None:
    """Semantics 2 and 3: without a value, or hours, the leaf is what `if_missing` says; unknown by default."""
    result = evaluate(replace(leaf, if_missing=settled), reading({}), at=AT)
    assert result.truth is settled
    assert type(leaf).__dataclass_fields__["if_missing"].default is None


@pytest.mark.parametrize(
    "value", [True, (WeatherKind.RAIN,)], ids=["a yes instead of a number", "kinds instead of a number"]
)
def test_a_value_of_the_wrong_kind_is_unknown(value: bool | tuple[WeatherKind, ...]) -> None:
    """Semantics 3: what is stored wrongly is unknown; true is not the number 1."""
    leaf = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h")
    assert evaluate(leaf, reading({Metric.RAIN: value}), at=AT).truth is None
    for other in (Membership(frozenset({WeatherKind.RAIN})), Flag(Metric.IS_DAY, wanted=True)):
        metric = Metric.CONDITION if isinstance(other, Membership) else Metric.IS_DAY
        assert evaluate(other, reading({metric: 1.0}), at=AT).truth is None


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1)])
def test_age_counts_from_the_observation(late: timedelta) -> None:
    """Semantics 4: observed exactly 90 min ago still counts, longer ago is unknown, whenever it was fetched."""
    seen = replace(_DAY, observed_at=AT - MAX_AGE - late, fetched_at=AT)
    assert evaluate(_LEAF[True], seen, at=AT).truth is (None if late else True)
    assert evaluate(_LEAF[True], seen, at=AT, max_age=timedelta(hours=2)).truth is True


@settings(max_examples=30)
@given(strategies.conditions)
def test_a_stale_reading_says_nothing(condition: Condition) -> None:
    """Semantics 4: a reading that is too old gives the verdict of an empty one."""
    full = {metric: 1.0 for metric in Metric if units_of(metric)}
    stale = replace(reading({**full, Metric.IS_DAY: True}), observed_at=AT - timedelta(hours=2))
    assert evaluate(condition, stale, at=AT).truth is evaluate(condition, reading({}), at=AT).truth
