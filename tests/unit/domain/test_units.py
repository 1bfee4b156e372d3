"""Units that a condition may name, against the definitions of those units."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.units import (
    CANONICAL_UNITS,
    difference_from_canonical,
    from_canonical,
    sum_from_canonical,
    units_of,
    units_of_sum,
)
from weathertrigger.domain.weather import Metric

# Exact, from the definitions: international mile 1609.344 m, nautical mile 1852 m, inch 25.4 mm.
_SCALES = {
    "C": (Fraction(1), Fraction(0)),
    "F": (Fraction(9, 5), Fraction(32)),
    "K": (Fraction(1), Fraction(27315, 100)),
    "%": (Fraction(1), Fraction(0)),
    "hPa": (Fraction(1), Fraction(0)),
    "mbar": (Fraction(1), Fraction(0)),
    "deg": (Fraction(1), Fraction(0)),
    "index": (Fraction(1), Fraction(0)),
    "m/s": (Fraction(1), Fraction(0)),
    "km/h": (Fraction(36, 10), Fraction(0)),
    "mph": (Fraction(3600_000, 1609_344), Fraction(0)),
    "kn": (Fraction(3600, 1852), Fraction(0)),
    "m": (Fraction(1), Fraction(0)),
    "km": (Fraction(1, 1000), Fraction(0)),
    "mi": (Fraction(1000, 1609_344), Fraction(0)),
    "mm/h": (Fraction(1), Fraction(0)),
    "cm/h": (Fraction(1), Fraction(0)),
}
# Conventional inch of mercury at 0 C: 3386.389 Pa (NIST SP 811, appendix B).
_IN_HG = Fraction(100_000, 3386_389)
_PAIRS = [(metric, unit) for metric in CANONICAL_UNITS for unit in units_of(metric)]


def _exactly(metric: Metric, unit: str, value: float) -> float:
    if unit == "inHg":
        factor, offset = _IN_HG, Fraction(0)
    elif unit == "in/h":
        factor, offset = Fraction(100, 254) if metric is Metric.SNOWFALL else Fraction(10, 254), Fraction(0)
    else:
        factor, offset = _SCALES[unit]
    return float(Fraction(value) * factor + offset)


@pytest.mark.parametrize(("metric", "unit"), _PAIRS)
@given(value=st.floats(-1000, 1200))
def test_conversions(metric: Metric, unit: str, value: float) -> None:
    """Semantics 5: every unit of every metric, against exact fractions, to the sixth decimal; never minus zero."""
    converted = from_canonical(metric, value, unit)
    tolerance = 1e-4 if unit == "inHg" else 1e-6
    assert converted == pytest.approx(_exactly(metric, unit, value), abs=tolerance)
    assert converted or math.copysign(1, converted) == 1


@pytest.mark.parametrize(
    ("metric", "value", "unit", "expected"),
    [
        (Metric.TEMPERATURE, 25.0, "F", 77.0),
        (Metric.TEMPERATURE, -40.0, "F", -40.0),
        (Metric.WIND_SPEED, 22.352, "mph", 50.0),
        (Metric.WIND_GUST, 40 / 3.6, "km/h", 40.0),
        (Metric.RAIN, 2.54, "in/h", 0.1),
        (Metric.SNOWFALL, 2.54, "in/h", 1.0),
        (Metric.VISIBILITY, 1609.344, "mi", 1.0),
        (Metric.PRESSURE, 1013.25, "inHg", 29.92125),
    ],
)
def test_round_numbers_stay_round(metric: Metric, value: float, unit: str, expected: float) -> None:
    """Semantics 5 and 6: a threshold that is met exactly is met, whatever the unit's factor."""
    assert from_canonical(metric, value, unit) == pytest.approx(expected, abs=1e-5)
    if unit != "inHg":
        assert from_canonical(metric, value, unit) == expected


def test_every_number_has_a_unit_and_nothing_else_has() -> None:
    """Semantics 5: the canonical unit comes first; yes/no and the kinds of weather have none."""
    for metric in Metric:
        units = units_of(metric)
        assert units[:1] == ((CANONICAL_UNITS[metric],) if metric in CANONICAL_UNITS else ())
    assert set(Metric) - set(CANONICAL_UNITS) == {Metric.CONDITION, Metric.ALERT, Metric.IS_DAY}


@pytest.mark.parametrize(("metric", "unit"), [(Metric.RAIN, "C"), (Metric.RAIN, "mm"), (Metric.IS_DAY, "C")])
def test_a_unit_of_the_wrong_kind_is_none(metric: Metric, unit: str) -> None:
    """Semantics 5: a rate is not a depth and not a temperature."""
    with pytest.raises(KeyError):
        from_canonical(metric, 1.0, unit)


@pytest.mark.parametrize(("metric", "unit"), _PAIRS)
@given(low=st.floats(-1000, 1200), high=st.floats(-1000, 1200))
def test_differences(metric: Metric, unit: str, low: float, high: float) -> None:
    """Semantics 6: the difference of two values in a unit is the difference of the values in that unit, of any zero."""
    difference = difference_from_canonical(metric, high - low, unit)
    tolerance = 1e-3 if unit == "inHg" else 2e-6
    assert difference == pytest.approx(_exactly(metric, unit, high) - _exactly(metric, unit, low), abs=tolerance)
    assert difference or math.copysign(1, difference) == 1


@pytest.mark.parametrize(("unit", "expected"), [("C", 5.0), ("K", 5.0), ("F", 9.0)])
def test_a_difference_of_temperatures_has_no_zero(unit: str, expected: float) -> None:
    """Semantics 6: 5 C more are 9 F more and not 41."""
    assert difference_from_canonical(Metric.TEMPERATURE, 17.3 - 12.3, unit) == expected


@pytest.mark.parametrize(
    ("metric", "total", "unit", "expected"),
    [
        (Metric.RAIN, 25.4, "mm", 25.4),
        (Metric.RAIN, 25.4, "in", 1.0),
        (Metric.SNOW, 0.1 + 0.2, "mm", 0.3),
        (Metric.PRECIPITATION, 2.54, "in", 0.1),
        (Metric.SNOWFALL, 2.54, "cm", 2.54),
        (Metric.SNOWFALL, 2.54, "in", 1.0),
    ],
)
def test_sums(metric: Metric, total: float, unit: str, expected: float) -> None:
    """Semantics 5: mm/h summed over hours is mm, cm/h is cm."""
    assert sum_from_canonical(metric, total, unit) == expected


def test_only_what_falls_adds_up() -> None:
    """Semantics 5 and 9: a sum of temperatures is nothing; a rate is no unit of a sum."""
    summed = {Metric.RAIN, Metric.SNOW, Metric.PRECIPITATION, Metric.SNOWFALL}
    assert {metric for metric in Metric if units_of_sum(metric)} == summed
    for metric, unit in ((Metric.TEMPERATURE, "C"), (Metric.RAIN, "mm/h")):
        with pytest.raises(KeyError):
            sum_from_canonical(metric, 1.0, unit)
