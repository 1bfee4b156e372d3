"""Leaves with a release, against a switch that knows no rules (semantics 7)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.hours import ahead, over
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import All, Any, Comparator, Comparison, Condition, Not, Take, Threshold, Truth
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.hysteresis import with_release
from weathertrigger.rules.judge import THE_PLACE, Criteria, Judgement, PlaceWeather, judge
from weathertrigger.rules.judgement_sentences import document_of, sentence_of
from weathertrigger.rules.needs import needs_of

_WET = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h", release=0.1)


def _criteria(condition: Condition) -> Criteria:
    return Criteria(condition, needs_of(condition), with_release=with_release(condition))


def _weather(value: float | None, metric: Metric = Metric.RAIN) -> dict[str, PlaceWeather]:
    return {THE_PLACE: PlaceWeather(reading({} if value is None else {metric: value}))}


def _judged(condition: Condition, memory: Memory, value: float | None) -> Judgement:
    return judge(_criteria(condition), memory, _weather(value), AT)


def _truths(condition: Condition, values: Sequence[float | None]) -> list[Truth]:
    memory, truths = NOTHING, list[Truth]()
    for value in values:
        judgement = _judged(condition, memory, value)
        memory = judgement.memory
        truths.append(judgement.truth)
    return truths


def _switch(comparator: Comparator, on: float, off: float, values: Sequence[float | None]) -> list[Truth]:
    """A switch: where the value is on its on side it is on, beyond its off side off, in between as it is."""
    state, seen = False, list[Truth]()
    for value in values:
        if value is None:
            seen.append(None)
            continue
        up, down = (value, on), (off, value)
        if comparator in (Comparator.BELOW, Comparator.AT_MOST):
            up, down = (on, value), (value, off)
        if up[0] > up[1] or (up[0] == up[1] and comparator in (Comparator.AT_LEAST, Comparator.AT_MOST)):
            state = True
        elif down[0] > down[1]:
            state = False
        seen.append(state)
    return seen


@given(
    st.sampled_from(Comparator),
    st.tuples(st.integers(0, 6), st.integers(1, 4)),
    st.lists(st.none() | st.integers(-5, 11), max_size=30),
)
def test_a_leaf_with_a_release_is_a_switch(
    comparator: Comparator, limits: tuple[int, int], values: list[int | None]
) -> None:
    """Semantics 7: on beyond the threshold, off only beyond the release, in between and where unknown the last result;
    the first evaluation in between is false."""
    on, room = limits
    off = on - room if comparator in (Comparator.ABOVE, Comparator.AT_LEAST) else on + room
    leaf = Comparison(Metric.RAIN, (Threshold(comparator, float(on)),), "mm/h", release=float(off))
    given_values = [None if value is None else float(value) for value in values]
    assert _truths(leaf, given_values) == _switch(comparator, on, off, given_values)


def test_the_first_evaluation_in_between_is_false() -> None:
    """Semantics 7."""
    assert _truths(_WET, [0.3, 0.6, 0.3, 0.1, 0.05, 0.3]) == [False, True, True, True, False, False]


@pytest.mark.parametrize("settled", [True, False, None])
def test_what_if_missing_settles_is_no_result(settled: Truth) -> None:
    """Semantics 2 and 7: the last result is what was measured; a metric that is missing leaves it as it was."""
    leaf = replace(_WET, if_missing=settled)
    assert _truths(leaf, [0.3, None, 0.3, 0.6, None, 0.3]) == [False, settled, False, True, settled, True]


def test_each_leaf_has_a_result_of_its_own() -> None:
    """Semantics 7: in any place of the tree; leaves that say the same are one."""
    heavy = replace(_WET, thresholds=(Threshold(Comparator.ABOVE, 5.0),), release=2.0)
    tree = Any((All((_WET, Not(heavy))), Not(Any((_WET, heavy)))))
    assert with_release(tree) == (_WET, heavy)
    # Rain alone is on from 0.6 on; heavy rain from 6 to 2.
    assert _truths(tree, [0.3, 0.6, 6.0, 3.0, 1.9, 0.05]) == [True, True, False, False, True, True]


def test_a_memory_is_of_this_leaf_alone() -> None:
    """Semantics 7: a memory that stays as it was is the same object, so that nothing need be written."""
    first = _judged(_WET, NOTHING, 0.6)
    assert first.memory.on == {"0"}
    assert _judged(_WET, first.memory, 0.3).memory is first.memory
    assert _judged(_WET, first.memory, 0.05).memory.on == frozenset()


def test_hours_are_held_against_the_release_once_on() -> None:
    """Semantics 7 and 9: a window that counts hours counts those that are not beyond the release."""
    leaf = replace(_WET, over=over(0, 4, Take.HOURS, 3))
    memory, truths = NOTHING, list[Truth]()
    for rain in ([0.6, 0.6, 0.3, 0.3], [0.6, 0.6, 0.6, 0.0], [0.3, 0.1, 0.3, 0.0], [0.3, 0.05, 0.3, 0.0]):
        judgement = judge(_criteria(leaf), memory, {THE_PLACE: PlaceWeather(None, ahead(Metric.RAIN, rain))}, AT)
        memory = judgement.memory
        truths.append(judgement.truth)
    assert truths == [False, True, True, False]


@pytest.mark.parametrize(
    ("before", "value", "said"),
    [
        (0.6, 0.3, "Fired: rain 0.3 mm/h is at least 0.1 mm/h, the release of above 0.5 mm/h"),
        (0.6, 0.7, "Fired: rain 0.7 mm/h is above 0.5 mm/h"),
        (0.6, 0.05, "Did not fire: rain 0.05 mm/h is not at least 0.1 mm/h, the release of above 0.5 mm/h"),
        (0.05, 0.3, "Did not fire: rain 0.3 mm/h is not above 0.5 mm/h"),
        (0.6, None, "No verdict: rain is missing in the reading"),
    ],
)
def test_the_sentence_names_the_threshold_that_counted(before: float, value: float | None, said: str) -> None:
    """Semantics 7 and 32."""
    judgement = _judged(_WET, _judged(_WET, NOTHING, before).memory, value)
    assert sentence_of(judgement, _weather(value), AT).split(" (Open")[0] == said


def test_the_document_tells_the_last_result() -> None:
    """Semantics 32: threshold, release, and which of them counted."""
    judgement = _judged(_WET, _judged(_WET, NOTHING, 0.6).memory, 0.3)
    document = document_of(judgement, _weather(0.3))
    assert document is not None
    assert document["condition"] == {
        "metric": "rain",
        "value": 0.3,
        "unit": "mm/h",
        "above": 0.5,
        "release": 0.1,
        "was_on": True,
        "result": True,
    }
