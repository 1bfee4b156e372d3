"""The verdict on a rule at a moment: what live checks, `test-rule` and `backtest` have in common. Pure.

    memory = NOTHING                                             # or what the last judgement left
    judgement = judge(criteria, memory, {THE_PLACE: PlaceWeather(reading, series)}, at)
    memory = judgement.memory                                    # to be kept until the next check

The next check is that of the rule's next slot or, if it comes first, of `judgement.next_boundary_at`: the time at which
the rule changes although nobody looks at the weather (a hold is over, active hours begin or end, no data too long).
A judgement *says* nothing: `judgement_sentences` turns it into the sentence and the document of an execution, where one
is wanted. Nothing is changed: the same arguments give the same judgement, and who only wants to know what would be
(`test-rule`) does not keep the memory.

The weather comes as a mapping by the rule's own names for its places; a rule with a `place` has `THE_PLACE` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from weathertrigger.domain.active_hours import ActiveHours, stretch
from weathertrigger.domain.condition import Comparison, Truth, When, conditions_in
from weathertrigger.domain.hold import NO_HOLD, Hold, OnNoData
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Reading
from weathertrigger.rules.evaluation import MAX_AGE, Result, evaluate, measured
from weathertrigger.rules.hysteresis import on_of, with_last_results, with_release
from weathertrigger.rules.needs import Needs, needs_of
from weathertrigger.rules.remember import closed, remember, without_verdict

THE_PLACE = ""
"""The name of the only place of a rule."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a rule is judged by: its condition, what of the weather that needs, the time zone of the rule's days if it
    gives one (else they are those of the place), the leaves with a release, equal ones once; how it holds on, and when
    it may be active at all. Active hours need a zone; without one they are those of UTC."""

    condition: When
    needs: Needs
    zone: tzinfo | None = None
    with_release: tuple[Comparison, ...] = ()
    hold: Hold = NO_HOLD
    on_no_data: OnNoData = OnNoData.HOLD
    active: ActiveHours | None = None

    def within_hours(self, at: datetime) -> tuple[bool, datetime | None]:
        """Whether the rule may be active, and when that will be otherwise; None: never."""
        return (True, None) if self.active is None else stretch(self.active, self.zone or UTC, at)


def criteria_of(rule: Rule, zone: tzinfo | None) -> Criteria:
    """What this rule is judged by; `zone` is that of its place: its own, or else that of the coordinates."""
    return Criteria(
        condition=rule.condition,
        needs=needs_of(rule.condition),
        zone=zone,
        with_release=with_release(rule.condition),
        hold=rule.hold,
        on_no_data=rule.on_no_data,
        active=rule.active,
    )


@dataclass(frozen=True, slots=True)
class PlaceWeather:
    """What is known of a place: the present, the hours around it (None: nobody looked), and why something that was
    asked for could not be had."""

    reading: Reading | None
    series: Series | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, what every leaf saw (None: there was nothing to see), and what is left until the next check.

    `has_data`: what the rule needs of the weather was there, or decided without the rest; else it may yet come.
    `before` and `criteria` are what it was made of, and what makes it understood; of a rule that cannot be read there
    are no criteria.
    """

    truth: Truth
    result: Result | None
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
    return replace(judgement, memory=memory, next_boundary_at=min(coming, default=None))


def _judge_weather(
    criteria: Criteria, memory: Memory, weather: Mapping[str, PlaceWeather], at: datetime, max_age: timedelta
) -> Judgement:
    known = weather[THE_PLACE]
    if known.reading is None and criteria.needs.looks_at_now:
        return _undecided(criteria, memory, at, has_data=False)
    series = known.series
    if series is not None and criteria.zone is not None and criteria.zone is not series.zone:
        series = replace(series, zone=criteria.zone)
    on = on_of(criteria.with_release, memory) if criteria.with_release else ()
    condition = conditions_in(criteria.condition)[0]
    result = evaluate(condition, known.reading, at=at, max_age=max_age, series=series, on=on)
    has_data = _has_forecast(criteria.needs, series) or measured(result) is not None
    seen = with_last_results(memory, criteria.with_release, result) if criteria.with_release else memory
    after, next_boundary_at = remember(seen, result.truth, at, criteria.hold, criteria.on_no_data)
    return Judgement(result.truth, result, after, next_boundary_at, has_data, memory, criteria)


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
