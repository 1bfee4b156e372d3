"""Units that a condition may name, and their conversion from the canonical unit that is stored.

Canonical units are those of OpenWeather's `units=metric`: degrees Celsius, m/s, hPa, percent, degrees, metres,
mm/h and cm/h. A difference has the unit of its values without their zero; a rate summed over hours is an amount.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from weathertrigger.domain.weather import Metric

_Conversion = Callable[[float], float]


def _same(value: float) -> float:
    return value


def _times(factor: float) -> _Conversion:
    return lambda value: value * factor


_TEMPERATURE: dict[str, _Conversion] = {"C": _same, "F": lambda c: c * 9 / 5 + 32, "K": lambda c: c + 273.15}
_PERCENT: dict[str, _Conversion] = {"%": _same}
_SPEED: dict[str, _Conversion] = {
    "m/s": _same,
    "km/h": _times(3.6),
    "mph": _times(3600 / 1609.344),
    "kn": _times(3600 / 1852),
}
_RATE: dict[str, _Conversion] = {"mm/h": _same, "in/h": _times(1 / 25.4)}

CANONICAL_UNITS: Mapping[Metric, str] = MappingProxyType(
    {
        Metric.TEMPERATURE: "C",
        Metric.FEELS_LIKE: "C",
        Metric.DEW_POINT: "C",
        Metric.HUMIDITY: "%",
        Metric.PRESSURE: "hPa",
        Metric.WIND_SPEED: "m/s",
        Metric.WIND_GUST: "m/s",
        Metric.WIND_DIRECTION: "deg",
        Metric.CLOUDS: "%",
        Metric.VISIBILITY: "m",
        Metric.UV_INDEX: "index",
        Metric.RAIN: "mm/h",
        Metric.SNOW: "mm/h",
        Metric.SNOWFALL: "cm/h",
        Metric.PRECIPITATION: "mm/h",
        Metric.PRECIPITATION_PROBABILITY: "%",
    }
)
"""The stored unit of every metric that is a number."""

_UNITS: Mapping[str, Mapping[str, _Conversion]] = {
    "C": _TEMPERATURE,
    "%": _PERCENT,
    "m/s": _SPEED,
    "mm/h": _RATE,
    "hPa": {"hPa": _same, "mbar": _same, "inHg": _times(0.029529983071445)},
    "deg": {"deg": _same},
    "m": {"m": _same, "km": _times(0.001), "mi": _times(1 / 1609.344)},
    "index": {"index": _same},
    "cm/h": {"cm/h": _same, "in/h": _times(1 / 2.54)},
}

# What a rate becomes when it is summed over hours.
_AMOUNTS: Mapping[str, Mapping[str, _Conversion]] = {
    "mm/h": {"mm": _same, "in": _times(1 / 25.4)},
    "cm/h": {"cm": _same, "in": _times(1 / 2.54)},
}

# A condition compares after rounding to this many decimals, so that 25 C is exactly 77 F.
_DECIMALS = 6


def units_of(metric: Metric) -> tuple[str, ...]:
    """The units that a condition on this metric may name, the canonical one first; empty if it is not a number."""
    canonical = CANONICAL_UNITS.get(metric)
    return tuple(_UNITS[canonical]) if canonical else ()


def from_canonical(metric: Metric, value: float, unit: str) -> float:
    """The stored value in the unit that a condition names.

    Raises:
        KeyError: the metric is not a number, or the unit is not one of `units_of(metric)`.
    """
    return round(_UNITS[CANONICAL_UNITS[metric]][unit](value), _DECIMALS) + 0.0  # -0.0 becomes 0.0


def to_canonical(metric: Metric, value: float, unit: str) -> float:
    """A value in the unit as it is stored: `from_canonical` the other way round.

    Raises:
        KeyError: as for `from_canonical`.
    """
    convert = _UNITS[CANONICAL_UNITS[metric]][unit]
    zero = convert(0.0)  # every conversion is a straight line
    return (value - zero) / (convert(1.0) - zero)


def difference_from_canonical(metric: Metric, difference: float, unit: str) -> float:
    """A difference of two stored values in the unit: 5 C are 9 F, for where a scale begins falls out.

    Raises:
        KeyError: as for `from_canonical`.
    """
    convert = _UNITS[CANONICAL_UNITS[metric]][unit]
    return round(convert(difference) - convert(0.0), _DECIMALS) + 0.0


def units_of_sum(metric: Metric) -> tuple[str, ...]:
    """The units of this metric's sum over hours; empty if it cannot be added up."""
    return tuple(_AMOUNTS.get(CANONICAL_UNITS.get(metric, ""), ()))


def sum_from_canonical(metric: Metric, total: float, unit: str) -> float:
    """The sum of stored hourly values (mm, cm) in the unit.

    Raises:
        KeyError: the metric cannot be added up, or the unit is not one of `units_of_sum(metric)`.
    """
    return round(_AMOUNTS[CANONICAL_UNITS[metric]][unit](total), _DECIMALS) + 0.0
