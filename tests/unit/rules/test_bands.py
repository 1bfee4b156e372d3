"""What is said of conditions without weather is true of every weather."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.condition import (
    All,
    Any,
    Comparator,
    Comparison,
    Condition,
    Flag,
    Membership,
    Not,
    Threshold,
    meets,
)
from weathertrigger.domain.weather import Metric, Reading, Value, WeatherKind
from weathertrigger.rules.bands import band_of, excludes, implies
from weathertrigger.rules.evaluation import evaluate
from weathertrigger.rules.intervals import EVERYTHING, NOTHING, Intervals, beyond, union

_NUMBERS = st.integers(-4, 4).map(lambda number: number / 2)
_THRESHOLDS = st.builds(Threshold, st.sampled_from(Comparator), _NUMBERS)
_COMPARISONS = st.builds(
    Comparison,
    st.sampled_from([Metric.TEMPERATURE, Metric.RAIN]),
    st.lists(_THRESHOLDS, min_size=1, max_size=2, unique_by=lambda one: one.comparator).map(tuple),
    st.none(),
).map(lambda leaf: Comparison(leaf.metric, leaf.thresholds, "C" if leaf.metric is Metric.TEMPERATURE else "mm/h"))
_KINDS = st.frozensets(st.sampled_from([WeatherKind.RAIN, WeatherKind.SNOW, WeatherKind.CLEAR]), min_size=1)
_LEAVES: st.SearchStrategy[Condition] = st.one_of(
    _COMPARISONS,
    st.builds(Membership, _KINDS, st.booleans()),
    st.builds(Flag, st.just(Metric.IS_DAY), st.booleans()),
)
_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(Any),
        inner.map(Not),
    ),
    max_leaves=5,
)
_AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
_WEATHERS = st.fixed_dictionaries(
    {
        Metric.TEMPERATURE: st.integers(-9, 9).map(lambda number: number / 4),
        Metric.RAIN: st.integers(-9, 9).map(lambda number: number / 4),
        Metric.CONDITION: st.lists(st.sampled_from(WeatherKind), min_size=1, max_size=2).map(tuple),
        Metric.IS_DAY: st.booleans(),
    }
)


def _truth(condition: Condition, weather: dict[Metric, Value]) -> bool | None:
    reading = Reading("40.69,-74.17", "openweather", _AT - timedelta(minutes=1), _AT, weather)
    return evaluate(condition, reading, at=_AT).truth


@given(_CONDITIONS, _CONDITIONS, st.lists(_WEATHERS, min_size=5, max_size=20))
def test_what_follows_and_what_excludes(one: Condition, other: Condition, weathers: list[dict[Metric, Value]]) -> None:
    """In no weather is one true and the other false, or both true, where it was said that this cannot be."""
    truths = [(_truth(one, weather), _truth(other, weather)) for weather in weathers]
    if implies(one, other):
        assert (True, False) not in truths
    if excludes(one, other):
        assert (True, True) not in truths
    assert implies(one, one)


@given(_CONDITIONS, st.lists(_WEATHERS, min_size=5, max_size=20))
def test_a_band_is_the_condition(condition: Condition, weathers: list[dict[Metric, Value]]) -> None:
    """Where a condition is a band, the number alone decides it."""
    band = band_of(condition)
    for weather in weathers if band else []:
        assert band is not None
        number = weather[band.metric]
        assert isinstance(number, float)
        assert _has(band.numbers, number) is _truth(condition, weather)


@given(st.lists(_THRESHOLDS, max_size=4), st.lists(_THRESHOLDS, max_size=4), _NUMBERS)
def test_intervals_are_sets(some: list[Threshold], others: list[Threshold], number: float) -> None:
    """Union, intersection, difference and complement, number by number; ends too."""
    one = _any_of(some)
    other = _any_of(others)
    inside, within = any(meets(each, number) for each in some), any(meets(each, number) for each in others)
    assert _has(one, number) is inside
    assert _has(one | other, number) is (inside or within)
    assert _has(one & other, number) is (inside and within)
    assert _has(one - other, number) is (inside and not within)
    assert _has(~one, number) is not inside
    assert (one | ~one, one & ~one) == (EVERYTHING, NOTHING)


@pytest.mark.parametrize(("value", "unit"), [(86, "F"), (303.15, "K"), (30, "C")])
def test_a_unit_makes_no_difference(value: float, unit: str) -> None:
    """Bands of different units meet exactly."""
    hot = band_of(Comparison(Metric.TEMPERATURE, (Threshold(Comparator.AT_LEAST, value),), unit))
    assert hot is not None
    assert hot.numbers == beyond(Comparator.AT_LEAST, 30)


def _any_of(thresholds: list[Threshold]) -> Intervals:
    return union(part for one in thresholds for part in beyond(one.comparator, one.value).parts)


def _has(numbers: Intervals, number: float) -> bool:
    return any(start <= (number, 0) and (number, 1) <= end for start, end in numbers.parts)
