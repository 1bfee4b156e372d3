"""How much of its limits a platform says is used, and how long to leave it alone before the wall is hit. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

SLOW_FROM = 75.0
"""From here on calls are spread out; below it there is nothing to spare."""
FULL = 100.0
LONGEST_SLOWING = timedelta(minutes=5)
"""The wait just below the limit: the time in which Meta forgets the calls that it counts."""
REGAIN_UNKNOWN = timedelta(hours=1)
"""How long a full limit is left alone when the platform does not say: limits of an hour are the longest that roll."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The fullest of a platform's limits, in percent, and after how long it takes calls again, if it takes none now."""

    percent: float
    regain_after: timedelta | None = None


def cool_down(usage: Usage) -> timedelta:
    """How long to make no further call.

    Nothing below 75 %. From there it grows with the square of what is used of the last quarter (12 s at 80 %, 108 s at
    90 %) to five minutes just below 100 %; then until access is regained.
    """
    if _is_full(usage):
        return REGAIN_UNKNOWN if usage.regain_after is None else usage.regain_after
    over = max(usage.percent - SLOW_FROM, 0) / (FULL - SLOW_FROM)
    return LONGEST_SLOWING * over**2


def highest(usages: Iterable[Usage | None]) -> Usage | None:
    """Several limits as one: the highest percentage, and the longest wait of those that take no calls now."""
    told = [usage for usage in usages if usage is not None]
    if not told:
        return None
    waits = [usage.regain_after for usage in told if _is_full(usage)]
    known = [wait for wait in waits if wait is not None]
    longest = max(known) if known and len(known) == len(waits) else None
    return Usage(max(usage.percent for usage in told), longest)


def _is_full(usage: Usage) -> bool:
    """A platform that says when access is regained has taken it away, whatever the percentage."""
    return usage.percent >= FULL or usage.regain_after is not None
