"""When a rule may be active: hours of weekdays, and dates, in the time zone of its place (semantics 10).

A span belongs to the day it starts on, also where it goes over midnight: its weekday and its date decide. Start and end
are instants as `local_time` has them: spans that follow each other neither leave a gap nor overlap when clocks change.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from weathertrigger.domain.local_time import MINUTES_A_DAY, instant_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_A_WEEK_AND_MORE = 10  # what repeats every week has shown all it does, whatever the zone


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Minutes after midnight, from `start` to before `end`, on each of these weekdays (0 is Monday). An end after 1440
    is on the next day; at most 24 hours."""

    days: tuple[int, ...]
    start: int = 0
    end: int = MINUTES_A_DAY


@dataclass(frozen=True, slots=True)
class Dates:
    """Days of the calendar from `first` to `last`, both included, but for those left out. None: no limit."""

    first: date | None = None
    last: date | None = None
    left_out: frozenset[date] = frozenset()

    def has(self, day: date) -> bool:
        """Whether the day is one of them."""
        first, last = self.first or day, self.last or day
        return first <= day <= last and day not in self.left_out

    @property
    def is_empty(self) -> bool:
        """Whether there is not one of them."""
        if self.first is None or self.last is None:
            return False
        return all(not self.has(self.first + number * _DAY) for number in range((self.last - self.first).days + 1))

    @property
    def settled_after(self) -> date:
        """A day after which they say the same of every day."""
        return max([day for day in (self.first, self.last, *self.left_out) if day], default=date.min)


ALWAYS = (Span(tuple(range(7))),)


@dataclass(frozen=True, slots=True)
class ActiveHours:
    """Spans of the week on some dates. The spans are sorted."""

    spans: tuple[Span, ...] = ALWAYS
    dates: Dates = Dates()


def stretch(hours: ActiveHours, zone: tzinfo, at: datetime) -> tuple[bool, datetime | None]:
    """Whether `at` is within the hours, and when that will be otherwise; None: never."""
    within, edges = _edges(hours, zone, at.astimezone(UTC).date())
    passed = bisect_right(edges, at)
    return within is (passed % 2 == 0), edges[passed] if passed < len(edges) else None


@lru_cache(maxsize=10_000)
def _edges(hours: ActiveHours, zone: tzinfo, day: date) -> tuple[bool, tuple[datetime, ...]]:
    """Whether the day (of UTC) begins within the hours, and the instants at which that changes: those of the day, and
    the first one after it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    surely = max(hours.dates.settled_after, day) + _A_WEEK_AND_MORE * _DAY
    reach = day + _A_WEEK_AND_MORE * _DAY
    while True:
        within, edges = _turns(hours, zone, start, reach)
        if reach >= surely or (edges and edges[-1] >= start + _DAY):
            return within, edges[: bisect_right(edges, start + _DAY) + 1]
        reach = min(reach + 4 * (reach - day), surely)


def _turns(hours: ActiveHours, zone: tzinfo, start: datetime, last: date) -> tuple[bool, tuple[datetime, ...]]:
    """What the spans of the days until `last` come to from `start` on. The last edge but for those of a day may be one
    that the next days move."""
    within, edges = False, list[datetime]()
    settled = instant_of(last, 0, zone)
    for begin, end in _joined(sorted(_spans(hours, zone, start.date() - 2 * _DAY, last))):
        if begin <= start < end:
            within = True
        edges += [edge for edge in (begin, end) if start < edge <= settled]
    return within, tuple(edges)


def _spans(hours: ActiveHours, zone: tzinfo, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        if not hours.dates.has(day):
            continue
        for span in hours.spans:
            if day.weekday() in span.days:
                begin, end = instant_of(day, span.start, zone), instant_of(day, span.end, zone)
                if begin < end:
                    yield begin, end


def _joined(spans: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Those that touch or overlap are one."""
    whole: tuple[datetime, datetime] | None = None
    for begin, end in spans:
        if whole is None or begin > whole[1]:
            if whole:
                yield whole
            whole = begin, end
        else:
            whole = whole[0], max(whole[1], end)
    if whole:
        yield whole
