"""What a condition needs of the weather besides the present: a forecast, and stored readings of how many hours."""

from collections.abc import Iterator
from dataclasses import dataclass

from weathertrigger.domain.condition import All, Any, Condition, DaySpan, HourSpan, Leaf, Not, Trend

MOST_HOURS_BACK = 168
"""Readings are looked up for so many hours at most."""

_OLDEST_PRESENT = 2  # the hours of a trend come before that of the present reading, which is 90 min old at most
_LONGEST_DAY = 25  # with the hour that a clock is put back by


@dataclass(frozen=True, slots=True)
class Needs:
    """How far a condition looks. `looks_back_hours` counts from now, and rather too many than too few."""

    looks_ahead: bool = False
    looks_back_hours: int = 0


def needs_of(condition: Condition) -> Needs:
    """What all leaves together need."""
    each = [_needs_of_leaf(leaf) for leaf in leaves_of(condition)]
    return Needs(any(one.looks_ahead for one in each), max(one.looks_back_hours for one in each))


def leaves_of(condition: Condition) -> Iterator[Leaf]:
    """Every leaf of the tree, in the order in which it is written."""
    if isinstance(condition, All | Any):
        for part in condition.parts:
            yield from leaves_of(part)
    elif isinstance(condition, Not):
        yield from leaves_of(condition.part)
    else:
        yield condition


def _needs_of_leaf(leaf: Leaf) -> Needs:
    if isinstance(leaf, Trend):
        return Needs(looks_back_hours=_back(leaf.within + _OLDEST_PRESENT))
    if leaf.over is None:
        return Needs()
    return _needs_of_span(leaf.over.span)


def _needs_of_span(span: HourSpan | DaySpan) -> Needs:
    if isinstance(span, HourSpan):
        return Needs(span.end > 0, _back(-span.start))
    # Today's hours that are over count too: they begin at the last local midnight.
    return Needs(span.last >= 0, _back(24 * -span.first + _LONGEST_DAY) if span.first <= 0 else 0)


def _back(hours: int) -> int:
    """With one more: the first hour of a window may have begun half an hour before it."""
    return min(hours + 1, MOST_HOURS_BACK) if hours > 0 else 0
