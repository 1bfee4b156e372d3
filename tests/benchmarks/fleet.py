"""The rules, places and readings that a benchmark works with, and making the rules due."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg2

from weathertrigger.clock import utc_now
from weathertrigger.domain.condition import All, Any, Comparator, Comparison, Condition, Membership, Not, Threshold
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.domain.schedule import next_slot
from weathertrigger.domain.weather import Metric, Place, Reading, WeatherKind, place_at
from weathertrigger.storage import readings, rules
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate
from weathertrigger.storage.rules import Edited

_OWNER = "user-456"
_INTERVAL = timedelta(hours=24)
_CHUNK = 2000

_GUSTY = Comparison(Metric.WIND_GUST, (Threshold(Comparator.AT_LEAST, 40.0),), "km/h", if_missing=False)
_SNOW = Membership(frozenset({WeatherKind.SNOW, WeatherKind.SLEET}))

_MAKE_DUE = "UPDATE automation_rules SET next_slot_at = next_slot_at - interval_ms * interval '1 ms' \
WHERE next_slot_at > clock_timestamp()"
_TIDY = ("TRUNCATE automation_executions", _MAKE_DUE, "VACUUM ANALYZE automation_rules", "CHECKPOINT")


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many rules look at how many places."""

    rules: int
    places: int

    def fill(self, url: str) -> None:
        """An installation with these rules, and a fresh reading of every place."""
        with closing(Database(url, application_name="bench", statement_timeout_seconds=120)) as database:
            migrate(database)
            with database.transaction() as tx:
                tx.execute("INSERT INTO installation (outside_world, mode) VALUES ('sandbox', 'live')")
                rules.ensure_owners(tx, [_OWNER])
            now = utc_now()
            places = [place_at(-60 + number // 1000, number % 1000 / 10 - 50) for number in range(self.places)]
            for start in range(0, self.places, _CHUNK):
                with database.transaction() as tx:
                    rules.ensure_places(tx, places[start : start + _CHUNK])
                    readings.add(tx, [_reading(place, now) for place in places[start : start + _CHUNK]])
            for start in range(0, self.rules, _CHUNK):
                made = [_rule(number, places) for number in range(start, min(start + _CHUNK, self.rules))]
                with database.transaction() as tx:
                    rules.put(tx, [Edited(rule, next_slot(rule.id, rule.interval, now)) for rule in made])


def rule_id(number: int) -> str:
    """As users call theirs."""
    return f"rule-{number:06d}"


def make_all_due(url: str) -> None:
    """Sets every rule back to its latest slot, as if nobody had checked it yet, and tidies up for a fair start."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in _TIDY:
            connection.cursor().execute(statement)


def _rule(number: int, places: list[Place]) -> Rule:
    return Rule(
        id=rule_id(number),
        owner=_OWNER,
        name=f"Umbrellas, shop {number}",
        place=places[number % len(places)],
        condition=_condition(number),
        interval=_INTERVAL,
        targets=(),
        mode=Mode.LIVE,
    )


def _condition(number: int) -> Condition:
    """One to four leaves; the thresholds differ, so that hardly two rules of a place ask the same."""
    rain = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, number % 37 / 10),), "mm/h")
    mild = Comparison(
        Metric.TEMPERATURE, (Threshold(Comparator.AT_LEAST, 40.0), Threshold(Comparator.BELOW, 60 + number % 31)), "F"
    )
    return (rain, All((rain, Any((mild, _GUSTY)), Not(_SNOW))), Any((_GUSTY, Not(mild))))[number % 3]


def _reading(place: Place, now: datetime) -> Reading:
    number = round(place.latitude * 1000 + place.longitude * 10)
    rain = (number % 5) * 0.4
    return Reading(
        place_id=place.id,
        provider="openweather",
        observed_at=now,
        fetched_at=now,
        values={
            Metric.TEMPERATURE: 12.5 + number % 20,
            Metric.FEELS_LIKE: 11.9 + number % 20,
            Metric.HUMIDITY: 71.0,
            Metric.PRESSURE: 1012.0,
            Metric.WIND_SPEED: 4.1,
            Metric.WIND_GUST: 9.3,
            Metric.WIND_DIRECTION: 240.0,
            Metric.CLOUDS: 75.0,
            Metric.VISIBILITY: 10_000.0,
            Metric.RAIN: rain,
            Metric.SNOW: 0.0,
            Metric.PRECIPITATION: rain,
            Metric.CONDITION: (WeatherKind.RAIN if rain else WeatherKind.CLOUDS,),
            Metric.IS_DAY: True,
        },
    )
