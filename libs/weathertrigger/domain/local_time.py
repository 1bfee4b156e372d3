"""When the clocks of a time zone show a time: one instant for each time of each day, whatever summer time does.

It is the first instant at which the clock shows that time of that day, or a later one. So a time that is left out is
moved to the first instant after the gap, and one that comes twice is the first of the two.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

MINUTES_A_DAY = 24 * 60

_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=100_000)
def instant_of(day: date, minute: int, zone: tzinfo) -> datetime:
    """When the clock in the zone shows so many minutes after midnight of the day; from 1440 on they are of the next."""
    later, minute = divmod(minute, MINUTES_A_DAY)
    shown = datetime.combine(day + timedelta(days=later), datetime.min.time()) + timedelta(minutes=minute)
    first = shown.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown:
        return first
    return _end_of_gap(shown.replace(tzinfo=zone, fold=1).astimezone(UTC), first, shown, zone)


def _end_of_gap(before: datetime, after: datetime, shown: datetime, zone: tzinfo) -> datetime:
    """The first instant in between at which the clock shows a later time, to the second: clocks are put on then."""
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < shown:
            before = middle
        else:
            after = middle
    return after
