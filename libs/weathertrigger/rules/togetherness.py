"""Whether two rules can be active at the same time, as far as that can be said without any weather."""

from collections.abc import Iterator
from itertools import product

from weathertrigger.domain.active_hours import ActiveHours
from weathertrigger.domain.condition import conditions_in
from weathertrigger.domain.local_time import MINUTES_A_DAY
from weathertrigger.domain.rule import Rule
from weathertrigger.rules.bands import excludes

_WEEK = 7 * MINUTES_A_DAY


def never_together(one: Rule, other: Rule) -> bool:
    """Whether it is certain that they never are: by their hours and dates, or by what they ask of one place."""
    places = {place.id for rule in (one, other) for place in rule.places}
    if len(places) > 1 or one.place.time_zone != other.place.time_zone:
        return False
    if one.active and other.active and _never_both(one.active, other.active):
        return True
    if one.hold.keep or other.hold.keep:
        return False
    pairs = product(conditions_in(one.condition), conditions_in(other.condition))
    return all(excludes(*pair) for pair in pairs)


def _never_both(one: ActiveHours, other: ActiveHours) -> bool:
    for first, second in ((one.dates, other.dates), (other.dates, one.dates)):
        # A span belongs to the day that it starts on, so it may reach into the day after.
        if first.last and second.first and (second.first - first.last).days > 1:
            return True
    return not any(
        start < other_end and other_start < end
        for (start, end), (other_start, other_end) in product(_minutes(one), _minutes(other))
    )


def _minutes(hours: ActiveHours) -> Iterator[tuple[int, int]]:
    """From and to in minutes of the week; what goes over its end twice."""
    for span in hours.spans:
        for day in span.days:
            start, end = day * MINUTES_A_DAY + span.start, day * MINUTES_A_DAY + span.end
            yield start, min(end, _WEEK)
            if end > _WEEK:
                yield 0, end - _WEEK
