"""The verdict on a rule at a moment: what live checks, `test-rule` and `backtest` have in common. Pure.

    memory = NOTHING                                             # or what the last judgement left
    judgement = judge(criteria, memory, {THE_PLACE: PlaceWeather(reading, series)}, at)
    memory = judgement.memory                                    # to be kept until the next check

The next check is that of the rule's next slot or, if it comes first, of `judgement.next_boundary_at`: the time at which
the rule changes although nobody looks at the weather (a hold is over, active hours begin or end, no data too long).
A judgement *says* nothing: `judgement_sentences` turns it into the sentence and the document of an execution, where one
is wanted. Nothing is changed: the same arguments give the same judgement, and who only wants to know what would be
(`test-rule`) does not keep the memory.

The weather comes as a mapping by the ids of the rule's places; a rule that looks at one place has `THE_PLACE` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from weathertrigger.domain.active_hours import ActiveHours, stretch
from weathertrigger.domain.condition import Cases, Comparison, Condition, Truth, When, conditions_in
from weathertrigger.domain.hold import NO_HOLD, Hold, OnNoData
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.rule import Rule, places_needed
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Place, Reading
from weathertrigger.rules.evaluation import MAX_AGE, Result, evaluate
from weathertrigger.rules.hysteresis import on_of, with_last_results, with_release
from weathertrigger.rules.needs import Needs, needs_of
from weathertrigger.rules.remember import closed, remember, without_verdict
from weathertrigger.rules.several import (
    CaseResult,
    CasesResult,
    PlaceResult,
    Whole,
    measured_in,
    over_cases,
    over_places,
)

THE_PLACE = ""
"""Stands for the only place of a rule."""


@dataclass(frozen=True, slots=True)
class SeveralPlaces:
    """The places of a rule that looks at several, the time zones that it gives them (None: that of the coordinates),
    and at how many of them its condition has to hold."""

    places: tuple[Place, ...]
    zones: tuple[tzinfo | None, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a rule is judged by: its condition or cases, what of the weather that needs, the time zone of its days if it
    gives one (else they are those of the place), the leaves with a release, equal ones once; how it holds on; when it
    may be active at all; and its places if there are several, of which each has days of its own. Active hours need a
    zone; without one they are those of UTC."""

    condition: When
    needs: Needs
    zone: tzinfo | None = None
    with_release: tuple[Comparison, ...] = ()
    hold: Hold = NO_HOLD
    on_no_data: OnNoData = OnNoData.HOLD
    active: ActiveHours | None = None
    several: SeveralPlaces | None = None

    def within_hours(self, at: datetime) -> tuple[bool, datetime | None]:
        """Whether the rule may be active, and when that will be otherwise; None: never."""
        return (True, None) if self.active is None else stretch(self.active, self.zone or UTC, at)


def criteria_of(rule: Rule, zone: tzinfo | None, *other_zones: tzinfo | None) -> Criteria:
    """What this rule is judged by; `zone` is that of its place, the first of several: its own, or else that of the
    coordinates. `other_zones` are those that the rule gives its other places, one by one."""
    several = None
    if rule.other_places:
        several = SeveralPlaces(rule.places, (zone, *other_zones), places_needed(rule.quorum, len(rule.places)))
    return Criteria(
        condition=rule.condition,
        needs=needs_of(rule.condition),
        zone=zone,
        with_release=with_release(rule.condition),
        hold=rule.hold,
        on_no_data=rule.on_no_data,
        active=rule.active,
        several=several,
    )


@dataclass(frozen=True, slots=True)
class PlaceWeather:
    """What is known of a place: the present, the hours around it (None: nobody looked), and why something that was
    asked for could not be had."""

    reading: Reading | None
    series: Series | None = None
    reason: str | None = None


class Judgement(NamedTuple):
    """The verdict, what every leaf saw (None: there was nothing to see), and what is left until the next check. Of an
    active rule `memory` says which case it is in.

    `has_data`: what the rule needs of the weather was there, or decided without the rest; else it may yet come.
    `before` and `criteria` are what it was made of, and what makes it understood; of a rule that cannot be read there
    are no criteria. A named tuple: see `evaluation`.
    """

    truth: Truth
    result: Whole | None
    memory: Memory
    next_boundary_at: datetime | None
    has_data: bool = True
    before: Memory = NOTHING
    criteria: Criteria | None = None

    @property
    def hold(self) -> Hold:
        """How the rule holds on."""
        return self.criteria.hold if self.criteria else NO_HOLD


def judge(
    criteria: Criteria,
    memory: Memory,
    weather: Mapping[str, PlaceWeather],
    at: datetime,
    *,
    max_age: timedelta = MAX_AGE,
) -> Judgement:
    """The verdict at `at`, after what the rule remembers. `max_age` is that of the present weather.

    Outside its active hours a rule is inactive whatever the weather is, and that is its verdict: false.
    """
    if criteria.active is None:
        return _judge_weather(criteria, memory, weather, at, max_age)
    within, until = criteria.within_hours(at)
    if not within:
        after = closed(memory, at)._replace(outside=True, hours_until=until)
        return Judgement(False, None, memory if after == memory else after, until, True, memory, criteria)
    return _until(until, _judge_weather(criteria, memory, weather, at, max_age))


def _until(until: datetime | None, judgement: Judgement) -> Judgement:
    """Within active hours, which end then."""
    memory = judgement.memory
    if memory.outside or memory.hours_until != until:
        memory = memory._replace(outside=False, hours_until=until)
    coming = [one for one in (judgement.next_boundary_at, until) if one]
    return judgement._replace(memory=memory, next_boundary_at=min(coming, default=None))


def _judge_weather(
    criteria: Criteria, memory: Memory, weather: Mapping[str, PlaceWeather], at: datetime, max_age: timedelta
) -> Judgement:
    if criteria.several is None and not isinstance(criteria.condition, Cases):
        known = _in_zone(weather[THE_PLACE], criteria.zone)
        return _judge_plain(criteria, criteria.condition, memory, known, at, max_age=max_age)
    looks = [
        _look(criteria, _in_zone(weather[place_id], zone), on_of(criteria.with_release, memory, place_id), at, max_age)
        for place_id, zone in _places(criteria)
    ]
    by_place = [results for results, _ in looks]
    if by_place.count(None) == len(by_place):
        return _undecided(criteria, memory, at, has_data=False)
    whole = _together(criteria, by_place)
    has_data = False not in [is_complete for _, is_complete in looks] or measured_in(whole) is not None
    seen = memory
    if criteria.with_release:
        for (place_id, _), (results, _) in zip(_places(criteria), looks, strict=True):
            seen = with_last_results(seen, criteria.with_release, results or (), place_id)
    after, next_boundary_at = remember(seen, whole.truth, at, criteria.hold, criteria.on_no_data)
    if isinstance(whole, CasesResult) and whole.truth:
        after = after._replace(case=whole.number)
    return Judgement(whole.truth, whole, after, next_boundary_at, has_data, memory, criteria)


def _judge_plain(
    criteria: Criteria, condition: Condition, memory: Memory, known: PlaceWeather, at: datetime, *, max_age: timedelta
) -> Judgement:
    """One condition at one place, as nearly every rule has it: the same as above, in three quarters of the time."""
    if known.reading is None and criteria.needs.looks_at_now:
        return _undecided(criteria, memory, at, has_data=False)
    leaves = criteria.with_release
    on = on_of(leaves, memory, THE_PLACE) if leaves else ()
    result = evaluate(condition, known.reading, at=at, max_age=max_age, series=known.series, on=on)
    has_data = _has_forecast(criteria.needs, known.series) or measured_in(result) is not None
    seen = with_last_results(memory, leaves, (result,), THE_PLACE) if leaves else memory
    after, next_boundary_at = remember(seen, result.truth, at, criteria.hold, criteria.on_no_data)
    return Judgement(result.truth, result, after, next_boundary_at, has_data, memory, criteria)


def _places(criteria: Criteria) -> Iterable[tuple[str, tzinfo | None]]:
    """The ids of the rule's places, each with the time zone that the rule gives it."""
    if criteria.several is None:
        return ((THE_PLACE, criteria.zone),)
    return zip([place.id for place in criteria.several.places], criteria.several.zones, strict=True)


def _in_zone(known: PlaceWeather, zone: tzinfo | None) -> PlaceWeather:
    if known.series is None or zone is None or zone is known.series.zone:
        return known
    return replace(known, series=replace(known.series, zone=zone))


def _look(
    criteria: Criteria, known: PlaceWeather, on: Sequence[Comparison], at: datetime, max_age: timedelta
) -> tuple[Sequence[Result] | None, bool]:
    """What came of the condition of each case at one place (None: there is no weather), and whether everything that
    could be known was there."""
    if known.reading is None and criteria.needs.looks_at_now:
        return None, False
    results = [
        evaluate(condition, known.reading, at=at, max_age=max_age, series=known.series, on=on)
        for condition in conditions_in(criteria.condition)
    ]
    return results, _has_forecast(criteria.needs, known.series)


def _together(criteria: Criteria, by_place: Sequence[Sequence[Result] | None]) -> Whole:
    """One verdict of what came of each case at each place."""
    if criteria.several is None:
        cases: Sequence[CaseResult] = by_place[0] or ()
    else:
        cases = [
            _case_at(criteria.several, number, by_place) for number in range(len(conditions_in(criteria.condition)))
        ]
    return over_cases(cases) if isinstance(criteria.condition, Cases) else cases[0]


def _case_at(several: SeveralPlaces, number: int, by_place: Sequence[Sequence[Result] | None]) -> CaseResult:
    parts = [
        PlaceResult(place.id, place.name or place.id, results[number] if results else None)
        for place, results in zip(several.places, by_place, strict=True)
    ]
    return over_places(parts, several.needed)


def failed(criteria: Criteria, memory: Memory, at: datetime) -> Judgement:
    """No verdict, because the rule cannot be evaluated. It has its active hours all the same."""
    judgement = _undecided(criteria, memory, at)
    return judgement if criteria.active is None else _until(criteria.within_hours(at)[1], judgement)


def _undecided(criteria: Criteria, memory: Memory, at: datetime, *, has_data: bool = True) -> Judgement:
    after, next_boundary_at = without_verdict(memory, at, criteria.hold, criteria.on_no_data)
    return Judgement(None, None, after, next_boundary_at, has_data, memory, criteria)


def unreadable(memory: Memory, at: datetime, next_boundary_at: datetime | None) -> Judgement:
    """No verdict on a rule of which nothing is known: the boundary that it has is kept while it is to come."""
    after, deadline = without_verdict(memory, at, None, OnNoData.HOLD)
    coming = [one for one in (next_boundary_at, deadline) if one and one > at]
    return Judgement(None, None, after, min(coming, default=None), before=memory)


def _has_forecast(needs: Needs, series: Series | None) -> bool:
    """Whether there is a forecast that may be used, or the rule needs none."""
    return not needs.looks_ahead or (series is not None and series.fresh_forecast is not None)
