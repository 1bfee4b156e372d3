"""A rule's condition: a tree of comparisons under all, any and not."""

from dataclasses import dataclass
from enum import StrEnum

from weathertrigger.domain.weather import Metric, WeatherKind

Truth = bool | None
"""Three-valued: true, false, or None for unknown (Kleene's strong logic, semantics 1)."""


class Comparator(StrEnum):
    """How a number is held against a threshold."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One side of a comparison; the value is in the unit of the leaf that it belongs to."""

    comparator: Comparator
    value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A leaf on a number: every threshold must hold. `if_missing` settles the leaf when there is no value."""

    metric: Metric
    thresholds: tuple[Threshold, ...]
    unit: str
    if_missing: Truth = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A leaf on `condition`: one of the kinds of weather is among those named (or, negated, none is)."""

    kinds: frozenset[WeatherKind]
    negated: bool = False
    if_missing: Truth = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A leaf on a yes/no metric (`is_day`, `alert`): it is as wanted."""

    metric: Metric
    wanted: bool
    if_missing: Truth = None


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when at least one part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: "Condition"


Leaf = Comparison | Membership | Flag
Condition = Leaf | All | Any | Not
