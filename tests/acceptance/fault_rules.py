"""The rules and the weather of a fault run, and the slots that they promise."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, islice

from tests.acceptance.slot_checker import Span
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.domain.schedule import next_slot
from weathertrigger.domain.weather import Metric, Place, Reading, place_at
from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import checks, installation, readings, rules
from weathertrigger.storage.database import Database
from weathertrigger.storage.installation import Installation, OutsideWorld
from weathertrigger.storage.migrate import migrate
from weathertrigger.storage.rules import Edited

OWNER = "user-456"
_PLACES = [place_at(40 + number, 2 * number) for number in range(12)]
_DAY = timedelta(hours=24)
_SOON = (timedelta(seconds=4), timedelta(seconds=14))


def prepare(database: Database) -> None:
    """An installation without rules; the weather of every place is known: 0 degrees at the first, 1 at the next."""
    migrate(database)
    with database.transaction() as tx:
        installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        rules.ensure_owners(tx, [OWNER])
        rules.ensure_places(tx, _PLACES)
        now = checks.clock(tx)
        readings.add(tx, [_reading(place, degrees, now) for degrees, place in enumerate(_PLACES)])


def frequent_rules(rules_in_all: int, intervals: Sequence[float] = (2, 3, 4, 5, 7, 10)) -> list[Rule]:
    """Rules with these intervals (seconds) in turn, spread over the places. Half of the places are warm enough."""
    return [
        make_rule(f"frequent-{number:04d}", number, timedelta(seconds=intervals[number % len(intervals)]))
        for number in range(rules_in_all)
    ]


def daily_rules(rules_in_all: int, now: datetime) -> list[Rule]:
    """Rules whose one slot of the day comes soon: the ids are searched for that."""
    earliest, latest = (now + soon for soon in _SOON)
    fitting = (rule_id for number in count() if next_slot(rule_id := f"daily-{number}", _DAY, earliest) <= latest)
    return [make_rule(rule_id, number, _DAY) for number, rule_id in enumerate(islice(fitting, rules_in_all))]


def make_rule(rule_id: str, number: int, interval: timedelta, *, above: float = 5.5, enabled: bool = True) -> Rule:
    """A rule that fires where it is warmer than so many degrees; its number gives its place."""
    return Rule(
        id=rule_id,
        owner=OWNER,
        name=f"Warm enough, shop {number}",
        place=_PLACES[number % len(_PLACES)],
        condition=Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, above),), "C"),
        interval=interval,
        targets=(),
        mode=Mode.LIVE,
        enabled=enabled,
    )


def promise(database: Database, bells: Bells, made: Sequence[Rule], daily: int) -> list[Span]:
    """Adds these rules and some of 24 h as an apply does; gives what they promise from now on."""
    with database.transaction() as tx:
        now = checks.clock(tx)
        everything = [*made, *daily_rules(daily, now)]
        next_checks = rules.put(tx, [Edited(rule, next_slot(rule.id, rule.interval, now)) for rule in everything])
    bells.set(next_checks)
    return list(_promised(everything, to_ms(now)))


def _promised(made: Sequence[Rule], now: int) -> Iterator[Span]:
    for rule in made:
        outcome = "met" if _PLACES.index(rule.place) > 5 else "not_met"
        yield Span(rule.id, interval_ms(rule), (now, now), outcomes=frozenset({outcome}))


def interval_ms(rule: Rule) -> int:
    """The rule's interval in whole milliseconds."""
    return rule.interval // timedelta(milliseconds=1)


def _reading(place: Place, degrees: int, now: datetime) -> Reading:
    return Reading(place.id, "openweather", now, now, {Metric.TEMPERATURE: float(degrees)})
