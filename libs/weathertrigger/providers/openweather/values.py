"""What one entry of an answer says, as values in canonical units. Pure.

A piece that cannot be read is unknown, never a default; only the *key* `rain` or `snow` being absent from an entry that
is otherwise valid means 0 mm (semantics 3).
"""

from collections.abc import Mapping

from weathertrigger.domain.physical_bounds import BOUNDS
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.http.strict_json import Json, dig, number
from weathertrigger.providers.plausibility import sift
from weathertrigger.providers.snow_depth import CM_PER_MM

Path = tuple[str, ...]
Judged = tuple[dict[Metric, Value], dict[Metric, float]]
"""What is known, and what was told and cannot be (`plausibility.sift`)."""

_FALLING = ((Metric.RAIN, "rain"), (Metric.SNOW, "snow"))
# So that 0.17 + 0.14 is 0.31, and three thirds of an amount, at the six decimals of a comparison, are the amount.
_DECIMALS = 9


def numbers_at(entry: Json, paths: Mapping[Metric, Path]) -> dict[Metric, Value]:
    """The number under each path, where there is one."""
    found = {metric: number(dig(entry, *path)) for metric, path in paths.items()}
    return {metric: value for metric, value in found.items() if value is not None}


def fallen(entry: dict[str, Json], *path: str, hours: int = 1) -> dict[Metric, Value]:
    """Rain and snow in mm/h: the amount under `rain` and `snow`, and the path in there, spread over so many hours."""
    found: dict[Metric, Value] = {}
    for metric, key in _FALLING:
        if key not in entry:
            found[metric] = 0.0
        elif (amount := number(dig(entry[key], *path))) is not None:
            found[metric] = amount / hours
    return found


def probability(share: Json) -> dict[Metric, Value]:
    """`pop`, 0 to 1, in percent."""
    known = number(share)
    return {} if known is None else {Metric.PRECIPITATION_PROBABILITY: known * 100}


def judge(told: Mapping[Metric, Value], bounds: Mapping[Metric, tuple[float, float]] = BOUNDS) -> Judged:
    """What can be of what was told, and what follows from it: precipitation from rain and snow, depth from snow."""
    possible, discarded = sift(told, bounds)  # before it is rounded: a hair less than nothing is no 0
    kept = {metric: _rounded(value) for metric, value in possible.items()}
    rain, snow = kept.get(Metric.RAIN), kept.get(Metric.SNOW)
    follows: dict[Metric, Value] = {}
    if isinstance(snow, float):
        follows[Metric.SNOWFALL] = _rounded(snow * CM_PER_MM)
        if isinstance(rain, float):
            follows[Metric.PRECIPITATION] = _rounded(rain + snow)
    return kept | sift(follows, bounds)[0], discarded


def _rounded(value: Value) -> Value:
    return round(value, _DECIMALS) + 0.0 if isinstance(value, float) else value  # -0.0 becomes 0.0


def first_known(*answers: bool | None) -> bool | None:
    """The first yes or no."""
    return next((answer for answer in answers if answer is not None), None)
