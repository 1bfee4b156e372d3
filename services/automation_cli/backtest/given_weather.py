"""The weather that rules are tried on: CSV files, or the readings that were stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Self

from services.automation_cli.backtest.weather_file import WeatherFile, read_weather_file
from weathertrigger.domain.local_time import MINUTES_A_DAY, instant_of
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.weather import Metric, Place, Reading
from weathertrigger.errors import UsageError
from weathertrigger.rules.backtest import Span
from weathertrigger.rules.judge import THE_PLACE
from weathertrigger.rules.needs import leaves_of, needs_of
from weathertrigger.rules.replayed_weather import Recording
from weathertrigger.rules.windows import metric_of
from weathertrigger.storage import checks, readings
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.time_zones import zone_of


def key_of(rule: Rule, place: Place) -> str:
    """By what `judge` knows the place."""
    return place.id if rule.other_places else THE_PLACE


@dataclass(frozen=True, slots=True)
class GivenWeather:
    """The recordings of a rule's places by what `judge` knows them by, and the time over which it is tried.

    `source` says where they come from.
    """

    recordings: Mapping[str, Recording]
    span: Span
    source: str

    def of(self, rule: Rule, place: Place) -> Recording:
        """The recording of one of the rule's places."""
        return self.recordings[key_of(rule, place)]

    def between(self, rule: Rule, first: date | None, last: date | None) -> Self:
        """Tried only on these days, the first and the last included, of the rule's place. What was observed before is
        still known.

        Raises:
            UsageError: nothing was recorded then.
        """
        zone = zone_of(rule.place) or UTC
        start = max(self.span.start, instant_of(first, 0, zone)) if first else self.span.start
        end = min(self.span.end, instant_of(last, MINUTES_A_DAY, zone)) if last else self.span.end
        if start >= end:
            recorded = f"{self.span.start.astimezone(zone):%Y-%m-%d} to {self.span.end.astimezone(zone):%Y-%m-%d}"
            raise UsageError(f"Nothing was recorded on those days; {self.source} has {recorded}.")
        return replace(self, span=Span(start, end))

    @property
    def observations(self) -> int:
        """How many there are, of all places."""
        return sum(len(one.readings) for one in self.recordings.values())

    @property
    def implausible(self) -> int:
        """How many values could not be, and so are unknown."""
        return sum(len(reading.discarded) for one in self.recordings.values() for reading in one.readings)


def recorded_weather(rules: Iterable[Rule], weather: Sequence[str], max_age: timedelta) -> dict[str, GivenWeather]:
    """By rule, what the files say. A file without a name stands for the place of every rule that has one.

    Raises:
        UsageError: a file that cannot be read, that says nothing of a metric, or that is missing.
    """
    files = {name: read_weather_file(Path(path)) for name, path in map(_named, weather)}
    if len(files) < len(weather):
        raise UsageError("One place was given two files of weather; give each once.")
    return {rule.id: _recorded(rule, files, max_age) for rule in rules}


def stored_weather(rules: Iterable[Rule], days: int, database: Database | None) -> dict[str, GivenWeather]:
    """By rule, what was observed at its places and stored in the last so many days.

    Raises:
        UsageError: there is no installation, or nothing was stored.
    """
    if database is None:
        raise UsageError("Readings are stored in an installation: set DATABASE_URL, or give --weather FILE.csv.")
    with database.transaction() as tx:
        return {rule.id: _stored(tx, rule, days) for rule in rules}


def _stored(tx: Transaction, rule: Rule, days: int) -> GivenWeather:
    now = checks.clock(tx)
    since = now - timedelta(days=days)
    looked_at_since = since - timedelta(hours=needs_of(rule.condition).looks_back_hours)
    seen = {place.id: readings.observed_between(tx, place.id, looked_at_since, now) for place in rule.places}
    if not any(seen.values()):
        raise UsageError(f"Of {rule.id} at {rule.place.id} nothing was stored in the last {days} days.")
    start = min(one[0].observed_at for one in seen.values() if one)
    recordings = {key_of(rule, place): Recording(seen[place.id], zone_of(place)) for place in rule.places}
    return GivenWeather(recordings, Span(max(since, start), now), "stored readings")


def _named(argument: str) -> tuple[str, str]:
    name, separator, path = argument.partition("=")
    return (name, path) if separator and not Path(argument).is_file() else (THE_PLACE, argument)


def _recorded(rule: Rule, files: Mapping[str, WeatherFile], max_age: timedelta) -> GivenWeather:
    given = {place: _file_of(rule, place, files) for place in rule.places}
    for file in given.values():
        _assert_told(rule, file)
    start = max(file.readings[0].observed_at for file in given.values())
    end = min(_end(file.readings, max_age) for file in given.values())
    if start >= end:
        raise UsageError(f"The files of weather for {rule.id} have no time in common.")
    recordings = {key_of(rule, place): Recording(file.readings, zone_of(place)) for place, file in given.items()}
    return GivenWeather(recordings, Span(start, end), ", ".join(dict.fromkeys(file.name for file in given.values())))


def _file_of(rule: Rule, place: Place, files: Mapping[str, WeatherFile]) -> WeatherFile:
    file = files.get(place.name or "") if rule.other_places else files.get(THE_PLACE)
    if file is None and rule.other_places:
        each = " ".join([f"--weather {one.name}=FILE.csv" for one in rule.places])
        raise UsageError(f"{rule.id} looks at several places: give the weather of each, {each}.")
    if file is None:
        raise UsageError(f"{rule.id} has one place: give its weather as --weather FILE.csv.")
    return file


def _end(seen: Sequence[Reading], max_age: timedelta) -> datetime:
    """An observation stands until the next is due, or for as long as weather counts as present."""
    steps = sorted([after.observed_at - before.observed_at for before, after in pairwise(seen)])
    usual = steps[len(steps) // 2] if steps else max_age
    return seen[-1].observed_at + min(usual, max_age)


def _assert_told(rule: Rule, file: WeatherFile) -> None:
    """A metric without a column would be unknown for ever; that is meant where the rule says what it takes it for."""
    wanted = {metric_of(leaf): None for leaf in leaves_of(rule.condition) if leaf.if_missing is None}
    missing: list[Metric] = [metric for metric in wanted if metric not in file.metrics]
    if missing:
        there = ", ".join(sorted(file.metrics)) or "none"
        raise UsageError(f"{file.name} has no column {missing[0]}, which {rule.id} looks at; its metrics are: {there}.")
