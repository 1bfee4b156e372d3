"""Physical bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.physical_bounds import BOUNDS, DAY_SUM_BOUNDS
from weathertrigger.domain.units import CANONICAL_UNITS
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.providers.plausibility import sift


def test_every_metric_that_is_a_number_has_bounds() -> None:
    """A new metric needs its bounds, or nobody would notice an absurd value of it."""
    assert BOUNDS.keys() == CANONICAL_UNITS.keys()


def test_a_wind_of_1048_mph_is_discarded_and_named() -> None:
    """The recorded data hold one; it is unknown, and kept beside for the warning (semantics 3)."""
    speed = 1048 * 0.44704
    kept, discarded = sift({Metric.WIND_SPEED: speed, Metric.TEMPERATURE: 3.0})
    assert kept == {Metric.TEMPERATURE: 3.0}
    assert discarded == {Metric.WIND_SPEED: speed}


@pytest.mark.parametrize(
    ("metric", "record"),
    [
        (Metric.TEMPERATURE, -89.2),
        (Metric.TEMPERATURE, 56.7),
        (Metric.DEW_POINT, 35.0),
        (Metric.PRESSURE, 870.0),
        (Metric.PRESSURE, 1089.4),
        (Metric.WIND_GUST, 113.3),
        (Metric.RAIN, 436.0),
        (Metric.UV_INDEX, 43.3),
    ],
)
def test_what_was_really_measured_once_passes(metric: Metric, record: float) -> None:
    """World records are weather, not faults."""
    assert sift({metric: record}) == ({metric: record}, {})


@pytest.mark.parametrize(
    ("metric", "record"), [(Metric.RAIN, 1825.0), (Metric.PRECIPITATION, 1825.0), (Metric.SNOWFALL, 193.0)]
)
def test_what_really_fell_in_a_day_passes(metric: Metric, record: float) -> None:
    """A day has more than the wettest hour."""
    assert sift({metric: record}, DAY_SUM_BOUNDS) == ({metric: record}, {})
    assert sift({metric: record * 10}, DAY_SUM_BOUNDS) == ({}, {metric: record * 10})


@given(
    st.dictionaries(
        st.sampled_from(Metric), st.floats(allow_nan=True) | st.booleans() | st.just(()), max_size=len(Metric)
    )
)
def test_every_value_is_either_kept_or_discarded(values: dict[Metric, Value]) -> None:
    """Nothing is lost and nothing is in both; NaN is never kept where there are bounds."""
    kept, discarded = sift(values)
    assert kept.keys() | discarded.keys() == values.keys()
    assert not kept.keys() & discarded.keys()
    assert all(value == value for metric, value in kept.items() if metric in BOUNDS)  # noqa: PLR0124 - NaN differs from itself
