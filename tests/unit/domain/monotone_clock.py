"""An oracle for local times: a clock on the wall that goes minute by minute, and is never put back.

It knows nothing of instants, gaps and folds: it shows the latest time that the clocks of the zone have shown so far.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ZONES = (
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "America/Santiago",
    "Asia/Kathmandu",
    "UTC",
)
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
"""Two years."""

MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@cache
def changes(zone_name: str) -> tuple[datetime, ...]:
    """The hours of the two years after which the clocks of the zone differ from what they were before."""
    zone = ZoneInfo(zone_name)
    hours = [FIRST + number * _HOUR for number in range((LAST - FIRST) // _HOUR)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return tuple(hour for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after)


def minutes(zone_name: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each minute from start to before end, and what the clock on the wall shows. Nothing is put back at the start."""
    zone, at, shown = ZoneInfo(zone_name), start, datetime.min  # noqa: DTZ901 - a clock on the wall has no zone
    while at < end:
        shown = max(shown, at.astimezone(zone).replace(tzinfo=None))
        yield at, shown
        at += MINUTE


def within(shown: datetime, spans: list[tuple[set[int], int, int]], days: set[date] | None) -> bool:
    """Whether a span of one of these dates (None: any) covers what the clock shows; a span belongs to its first day."""
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        minute = shown.hour * 60 + shown.minute + 1440 * back
        if days is not None and day not in days:
            continue
        if any(day.weekday() in weekdays and start <= minute < end for weekdays, start, end in spans):
            return True
    return False
