"""Sets of numbers: unions of intervals whose ends belong to them or do not.

An end is a cut between numbers: `(5, 0)` lies just before 5, `(5, 1)` just behind it. So every interval is from one cut
to another, and nothing else has to be said of what is open and what is closed.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from weathertrigger.domain.condition import Comparator

Cut = tuple[float, int]

FIRST: Cut = (-math.inf, 0)
LAST: Cut = (math.inf, 1)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals in order, with room between them."""

    parts: tuple[tuple[Cut, Cut], ...]

    def __or__(self, other: "Intervals") -> "Intervals":
        return union([*self.parts, *other.parts])

    def __and__(self, other: "Intervals") -> "Intervals":
        both = [(max(a, c), min(b, d)) for a, b in self.parts for c, d in other.parts]
        return Intervals(tuple((start, end) for start, end in both if start < end))

    def __invert__(self) -> "Intervals":
        cuts = [FIRST, *(cut for part in self.parts for cut in part), LAST]
        return Intervals(tuple((start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=True) if start < end))

    def __sub__(self, other: "Intervals") -> "Intervals":
        return self & ~other

    def __bool__(self) -> bool:
        return bool(self.parts)


def union(parts: Iterable[tuple[Cut, Cut]]) -> Intervals:
    """All numbers that are in one of the intervals."""
    joined: list[tuple[Cut, Cut]] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return Intervals(tuple(joined))


def beyond(comparator: Comparator, value: float) -> Intervals:
    """The numbers that pass the threshold."""
    behind = 1 if comparator in {Comparator.ABOVE, Comparator.AT_MOST} else 0
    cut = (value, behind)
    upwards = comparator in {Comparator.ABOVE, Comparator.AT_LEAST}
    return union([(cut, LAST) if upwards else (FIRST, cut)])


NOTHING = Intervals(())
EVERYTHING = ~NOTHING
