"""What can be said of conditions without any weather: whether one follows from another, whether two can hold at once.

Everything here is careful: True is certain, False is not known. It is said of weather that is known.
"""

from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_

from weathertrigger.domain.condition import All, Any, Comparison, Condition, Flag, Membership, Not, Over, Take
from weathertrigger.domain.units import to_canonical
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.intervals import EVERYTHING, Intervals, beyond

_NUMBERS = frozenset({Take.MIN, Take.MAX, Take.MEAN})
"""What makes one number of a window; the others count its hours."""

_MOST_LEAVES = 20
_KEPT = 10_000  # answers: parts are held against each other on many ways

_DIGITS = 9  # a threshold in F is the same as in C, whatever the machine's last bits say


@dataclass(frozen=True, slots=True)
class Band:
    """A condition that asks only for one number: which one, and what it has to be, in the canonical unit."""

    metric: Metric
    over: Over | None
    numbers: Intervals


def band_of(condition: Condition) -> Band | None:
    """The band that the condition is, if it is one: a comparison that remembers (`release`) is none, nor is one that
    counts the hours of a window."""
    match condition:
        case Comparison(release=None, over=over) if over is None or (over.take in _NUMBERS and not over.adds_up):
            return Band(condition.metric, over, _numbers(condition))
        case Not(part):
            inner = band_of(part)
            return inner and Band(inner.metric, inner.over, ~inner.numbers)
        case All(parts) | Any(parts):
            bands = [band_of(part) for part in parts]
            first = bands[0]
            if first is None or any(band is None or _about(band) != _about(first) for band in bands):
                return None
            joined = reduce(and_ if isinstance(condition, All) else or_, [band.numbers for band in bands if band])
            return Band(first.metric, first.over, joined)
        case _:
            return None


def _about(band: Band) -> tuple[Metric, Over | None]:
    return band.metric, band.over


def _numbers(leaf: Comparison) -> Intervals:
    passed = [
        beyond(one.comparator, round(to_canonical(leaf.metric, one.value, leaf.unit), _DIGITS))
        for one in leaf.thresholds
    ]
    return reduce(and_, passed, EVERYTHING)


@lru_cache(maxsize=_KEPT)
def implies(one: Condition, other: Condition) -> bool:
    """Whether the other is certainly true whenever this one is, at the same place; of long ones it is not known."""
    if one == other or _is_long(one) or _is_long(other):
        return one == other
    match other:
        case All(parts):
            return all(implies(one, part) for part in parts)
        case Any(parts) if any(implies(one, part) for part in parts):
            return True
    match one:
        case Any(parts):
            return all(implies(part, other) for part in parts)
        case All(parts) if any(implies(part, other) for part in parts):
            return True
    return _leaf_implies(one, other)


def _leaf_implies(one: Condition, other: Condition) -> bool:
    narrow, wide = band_of(one), band_of(other)
    if narrow and wide and _about(narrow) == _about(wide):
        return not narrow.numbers - wide.numbers
    match one, other:
        case Comparison(release=None), Comparison(release=None):
            alike = (one.metric, one.over) == (other.metric, other.over) and not (one.over and one.over.adds_up)
            return alike and not _numbers(one) - _numbers(other)
        case Membership(negated=True), Membership(negated=True):
            return one.over == other.over and one.kinds >= other.kinds
        case Membership(negated=False), Membership(negated=False):
            return one.over == other.over and one.kinds <= other.kinds
        case Not(part), Not(other_part):
            return implies(other_part, part)
        case _:
            return False


@lru_cache(maxsize=_KEPT)
def excludes(one: Condition, other: Condition) -> bool:
    """Whether the two are certainly never true at once, at the same place; of long ones it is not known."""
    if _is_long(one) or _is_long(other):
        return False
    left, right = band_of(one), band_of(other)
    if left and right and _about(left) == _about(right):
        return not left.numbers & right.numbers
    return _part_excludes(one, other) or _part_excludes(other, one) or _leaf_excludes(one, other)


def _is_long(condition: Condition) -> bool:
    return _leaves(condition) > _MOST_LEAVES


@lru_cache(maxsize=_KEPT)
def _leaves(condition: Condition) -> int:
    match condition:
        case All(parts) | Any(parts):
            return sum(map(_leaves, parts))
        case Not(part):
            return _leaves(part)
        case _:
            return 1


def _part_excludes(one: Condition, other: Condition) -> bool:
    match one:
        case All(parts):
            return any(excludes(part, other) for part in parts)
        case Any(parts):
            return all(excludes(part, other) for part in parts)
        case Not(part):
            return implies(other, part)
        case _:
            return False


def _leaf_excludes(one: Condition, other: Condition) -> bool:
    match one, other:
        case Flag(over=None), Flag(over=None):
            return one.metric is other.metric and one.wanted is not other.wanted
        case Membership(over=None), Membership(over=None):
            takes, refuses = (one, other) if other.negated else (other, one)
            return refuses.negated and not takes.negated and takes.kinds <= refuses.kinds
        case _:
            return False
