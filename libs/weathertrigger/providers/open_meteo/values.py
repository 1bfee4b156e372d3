"""From the numbers of one entry to metrics in canonical units. Pure."""

from collections.abc import Mapping

from weathertrigger.domain.weather import Metric, Value
from weathertrigger.providers.open_meteo.conditions import kinds_of
from weathertrigger.providers.open_meteo.variables import IS_DAY, RAIN, SHOWERS, SNOWFALL, VARIABLES, WEATHER_CODE
from weathertrigger.providers.plausibility import sift
from weathertrigger.providers.snow_depth import CM_PER_MM

_HOUR = 3600

_DECIMALS = 6  # 0.17 + 0.14 is 0.31, not 0.31000000000000005


def values_of(raw: Mapping[str, float], interval: int | None) -> tuple[dict[Metric, Value], dict[Metric, float]]:
    """Numbers by the variable's name as metrics, and those outside their bounds as they came.

    `interval` is the seconds over which sums add up; while it is not known, nothing that falls is known either.
    """
    numbers: dict[Metric, Value] = {
        each.metric: raw[each.name] for each in VARIABLES if each.metric and each.name in raw
    }
    kept, discarded = sift(numbers | _fallen(raw, interval))
    if isinstance(snowfall := kept.get(Metric.SNOWFALL), float):
        kept[Metric.SNOW] = round(snowfall / CM_PER_MM, _DECIMALS)
    if isinstance(rain := kept.get(Metric.RAIN), float) and isinstance(snow := kept.get(Metric.SNOW), float):
        kept[Metric.PRECIPITATION] = round(rain + snow, _DECIMALS)
    if kinds := kinds_of(raw.get(WEATHER_CODE, -1.0)):
        kept[Metric.CONDITION] = kinds
    if (is_day := {0.0: False, 1.0: True}.get(raw.get(IS_DAY, -1.0))) is not None:
        kept[Metric.IS_DAY] = is_day
    return kept, discarded


def _fallen(raw: Mapping[str, float], interval: int | None) -> dict[Metric, float]:
    """Rain in mm/h and the depth of snow in cm/h."""
    if interval is None:
        return {}
    fallen: dict[Metric, float] = {}
    if RAIN in raw and SHOWERS in raw:
        parts = raw[RAIN], raw[SHOWERS]
        fallen[Metric.RAIN] = sum(parts) if min(parts) >= 0 else min(parts)  # an absurd part is not made up for
    if SNOWFALL in raw:
        fallen[Metric.SNOWFALL] = raw[SNOWFALL]
    return {metric: round(amount * _HOUR / interval, _DECIMALS) for metric, amount in fallen.items()}
