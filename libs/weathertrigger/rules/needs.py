"""What a condition needs of the weather: the present, a forecast, stored readings of how many hours."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from weathertrigger.domain.condition import (
    All,
    Any,
    Cases,
    DaySpan,
    HourSpan,
    Leaf,
    Membership,
    Not,
    Trend,
    When,
)
from weathertrigger.domain.weather import Metric

MOST_HOURS_BACK = 168
"""Readings are looked up for so many hours at most."""

_OLDEST_PRESENT = 2  # the hours of a trend come before that of the present reading, which is 90 min old at most
_LONGEST_DAY = 25  # with the hour that a clock is put back by


@dataclass(frozen=True, slots=True)
class Needs:
    """How far a condition looks. `looks_back_hours` counts from now, and rather too many than too few. `metrics` are
    those that it looks at in other hours than the present."""

    looks_at_now: bool = False
    looks_ahead: bool = False
    looks_back_hours: int = 0
    metrics: frozenset[Metric] = frozenset()

    @property
    def looks_around(self) -> bool:
        """Whether it looks at anything but the present."""
        return self.looks_ahead or self.looks_back_hours > 0


_THE_PRESENT = Needs(looks_at_now=True)


def needs_of(condition: When) -> Needs:
    """What all leaves together need."""
    needs = [_needs_of_leaf(leaf) for leaf in leaves_of(condition)]
    return _THE_PRESENT if needs.count(_THE_PRESENT) == len(needs) else together(needs)  # as nearly always


def together(needs: Collection[Needs]) -> Needs:
    """What all of these need; there is at least one."""
    return Needs(
        looks_at_now=any(one.looks_at_now for one in needs),
        looks_ahead=any(one.looks_ahead for one in needs),
        looks_back_hours=max(one.looks_back_hours for one in needs),
        metrics=frozenset().union(*(one.metrics for one in needs)),
    )


def leaves_of(condition: When) -> Iterator[Leaf]:
    """Every leaf of the tree, in the order in which it is written; of cases one after the other."""
    if isinstance(condition, Cases):
        for one in condition.conditions:
            yield from leaves_of(one)
    elif isinstance(condition, All | Any):
        for part in condition.parts:
            yield from leaves_of(part)
    elif isinstance(condition, Not):
        yield from leaves_of(condition.part)
    else:
        yield condition


def _needs_of_leaf(leaf: Leaf) -> Needs:
    if isinstance(leaf, Trend):
        hours = _back(leaf.within + _OLDEST_PRESENT)
        return Needs(looks_at_now=True, looks_back_hours=hours, metrics=frozenset({leaf.metric}))
    if leaf.over is None:
        return _THE_PRESENT
    ahead, back = _reach(leaf.over.span)
    metric = Metric.CONDITION if isinstance(leaf, Membership) else leaf.metric
    return Needs(looks_ahead=ahead, looks_back_hours=back, metrics=frozenset({metric}))


def _reach(span: HourSpan | DaySpan) -> tuple[bool, int]:
    if isinstance(span, HourSpan):
        return span.end > 0, _back(-span.start)
    # Today's hours that are over count too: they begin at the last local midnight.
    return span.last >= 0, _back(24 * -span.first + _LONGEST_DAY) if span.first <= 0 else 0


def _back(hours: int) -> int:
    """With one more: the first hour of a window may have begun half an hour before it."""
    return min(hours + 1, MOST_HOURS_BACK) if hours > 0 else 0
