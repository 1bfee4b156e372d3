"""A value outside what its metric can be is a fault of the sensor or of the provider, and so unknown (semantics 3)."""

from collections.abc import Mapping

from weathertrigger.domain.physical_bounds import BOUNDS
from weathertrigger.domain.weather import Metric, Value


def sift(
    values: Mapping[Metric, Value], bounds: Mapping[Metric, tuple[float, float]] = BOUNDS
) -> tuple[dict[Metric, Value], dict[Metric, float]]:
    """The values to keep, and those outside their bounds (a wind of 1,048 mph) as they came (semantics 3)."""
    kept: dict[Metric, Value] = {}
    discarded: dict[Metric, float] = {}
    for metric, value in values.items():
        limits = bounds.get(metric)
        if limits is None or not isinstance(value, float) or limits[0] <= value <= limits[1]:
            kept[metric] = value
        else:
            discarded[metric] = value
    return kept, discarded
