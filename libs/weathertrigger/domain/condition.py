"""A rule's condition: a tree of comparisons under all, any and not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import ge, gt, le, lt
from types import MappingProxyType

from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric, WeatherKind

Truth = bool | None
"""Three-valued: true, false, or None for unknown (Kleene's strong logic, semantics 1)."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """False when any is false, else unknown when any is unknown, else true."""
    seen = tuple(truths)
    if False in seen:
        return False
    return None if None in seen else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """True when any is true, else unknown when any is unknown, else false."""
    seen = tuple(truths)
    if True in seen:
        return True
    return None if None in seen else False


def quorum_of(truths: Sequence[Truth], needed: int) -> Truth:
    """True when at least so many are true, false when so many cannot become true any more, else unknown."""
    if truths.count(True) >= needed:
        return True
    return None if len(truths) - truths.count(False) >= needed else False


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


_HOLDS: Mapping[Comparator, Callable[[float, float], bool]] = MappingProxyType(
    {Comparator.ABOVE: gt, Comparator.AT_LEAST: ge, Comparator.BELOW: lt, Comparator.AT_MOST: le}
)


def meets(threshold: Threshold, value: float) -> bool:
    """Whether the number, in the threshold's unit, is on the right side."""
    return _HOLDS[threshold.comparator](value, threshold.value)


@dataclass(frozen=True, slots=True)
class HourSpan:
    """Whole hours from `start` to before `end`, counted from the full hour nearest to now; negative ones are past."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Local days of the place, from `first` to `last` inclusive; 0 is today. `each_day` stands for a day's hours."""

    first: int
    last: int
    each_day: EachDay


class Take(StrEnum):
    """What is made of the steps of a window: one number, or how many of them pass."""

    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    SUM = "sum"
    ANY = "any"
    ALL = "all"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Over:
    """A window that a leaf looks at instead of the present (semantics 9). `at_least` goes with `Take.HOURS` alone."""

    span: HourSpan | DaySpan
    take: Take
    at_least: int | None = None

    @property
    def adds_up(self) -> bool:
        """Whether rates become amounts: mm/h that are summed over hours are mm."""
        return self.take is Take.SUM or (isinstance(self.span, DaySpan) and self.span.each_day is EachDay.SUM)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A leaf on a number: every threshold must hold. `if_missing` settles the leaf when there is no value.

    With a `release`, a second threshold in the same unit, it has one threshold alone: once true, it is false only
    beyond the release (semantics 7).
    """

    metric: Metric
    thresholds: tuple[Threshold, ...]
    unit: str
    if_missing: Truth = None
    over: Over | None = None
    release: float | None = None


_RELEASED_BY: Mapping[Comparator, Comparator] = MappingProxyType(
    {
        Comparator.ABOVE: Comparator.AT_LEAST,
        Comparator.AT_LEAST: Comparator.AT_LEAST,
        Comparator.BELOW: Comparator.AT_MOST,
        Comparator.AT_MOST: Comparator.AT_MOST,
    }
)


def once_on(leaf: Comparison) -> Comparison:
    """The comparison by which a leaf with a release stays true: above 0.5, release 0.1 is then at least 0.1."""
    if leaf.release is None:
        return leaf
    (threshold,) = leaf.thresholds
    released = Threshold(_RELEASED_BY[threshold.comparator], leaf.release)
    return Comparison(leaf.metric, (released,), leaf.unit, leaf.if_missing, leaf.over)


@dataclass(frozen=True, slots=True)
class Membership:
    """A leaf on `condition`: one of the kinds of weather is among those named (or, negated, none is)."""

    kinds: frozenset[WeatherKind]
    negated: bool = False
    if_missing: Truth = None
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A leaf on a yes/no metric (`is_day`, `alert`): it is as wanted."""

    metric: Metric
    wanted: bool
    if_missing: Truth = None
    over: Over | None = None


class Direction(StrEnum):
    """Which way a trend goes."""

    RISES = "rises_by"
    FALLS = "falls_by"


@dataclass(frozen=True, slots=True)
class Trend:
    """A leaf on a change: the present is `amount` above the lowest, or below the highest, of the `within` hours before
    the one in which it was observed.

    The amount is a difference in the unit: 5 F are 5 degrees of Fahrenheit, whatever its zero is.
    """

    metric: Metric
    direction: Direction
    amount: float
    unit: str
    within: int
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


Leaf = Comparison | Membership | Flag | Trend
Condition = Leaf | All | Any | Not


@dataclass(frozen=True, slots=True)
class Cases:
    """Several conditions of one rule, each for a case of its own. The first that is true says in which case the rule
    is; an unknown one before it leaves that open."""

    conditions: tuple[Condition, ...]


When = Condition | Cases
"""What a rule asks of the weather."""


def chosen_case(truths: Sequence[Truth]) -> tuple[Truth, int]:
    """The verdict of cases with these truths, and the number of the case that made it so, counted from 1: the first
    that is true or unknown. Where every case is false it is the last."""
    for number, truth in enumerate(truths, 1):
        if truth is not False:
            return truth, number
    return False, len(truths)


def conditions_in(when: When) -> tuple[Condition, ...]:
    """The condition of each case; a rule without cases has one."""
    return when.conditions if isinstance(when, Cases) else (when,)
