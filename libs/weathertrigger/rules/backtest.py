"""A rule run over recorded weather (semantics 34): the checks that there would have been, and what came of them.

Every verdict is `judge`'s, as in live checks: at the rule's own slots and at the boundaries that it names. What is not
live: an observation is known the moment it was made, no check is late, and the forecast is perfect.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from weathertrigger.domain.condition import Truth, conditions_in
from weathertrigger.domain.memory import NOTHING
from weathertrigger.domain.rule import RuleState
from weathertrigger.rules.evaluation import MAX_AGE
from weathertrigger.rules.judge import Criteria, judge
from weathertrigger.rules.replayed_weather import Recording, ReplayedWeather

NextSlot = Callable[[datetime], datetime]
"""The first slot of the rule that is later than a moment."""

_TICK = timedelta(milliseconds=1)


class Check(NamedTuple):
    """One check, and what it left until the next. A named tuple, for a year has thousands."""

    at: datetime
    truth: Truth
    case: int | None
    """In which an active rule is, counted from 1; None: it is not active."""
    is_data_lost: bool


class Span(NamedTuple):
    """From `start` to before `end`."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a run from `start` to `end`.

    `active` are the times in which the rule was active, `without_verdict` those after a check that could tell nothing.
    By the number of a case (a rule without cases has one), `in_case` are those in which the rule was active in it, and
    `given_up` those of them in which it gave up what it had raised, for want of a verdict (semantics 2).
    """

    start: datetime
    end: datetime
    checks: int
    active: tuple[Span, ...]
    without_verdict: tuple[Span, ...]
    in_case: Mapping[int, tuple[Span, ...]]
    given_up: Mapping[int, tuple[Span, ...]]

    @property
    def flips(self) -> int:
        """How often the rule became active or ceased to be; that the run ends is no flip."""
        return sum(1 + (span.end < self.end) for span in self.active)


def backtest(
    criteria: Criteria,
    weather: Mapping[str, Recording],
    span: Span,
    next_slot: NextSlot,
    *,
    max_age: timedelta = MAX_AGE,
) -> Trial:
    """The run of a rule that was never checked before. `weather` is by the names that the rule has for its places."""
    made = checks_of(criteria, weather, span, next_slot, max_age=max_age)
    return trial_of(made, span, len(conditions_in(criteria.condition)))


def checks_of(
    criteria: Criteria,
    weather: Mapping[str, Recording],
    span: Span,
    next_slot: NextSlot,
    *,
    max_age: timedelta = MAX_AGE,
) -> Iterator[Check]:
    """Every check from `span.start` to before `span.end`, in the order of time."""
    around = criteria.needs.looks_around
    replayed = {
        name: ReplayedWeather(recording, max_age=max_age, looks_around=around) for name, recording in weather.items()
    }
    memory, boundary = NOTHING, None
    slot = next_slot(span.start - _TICK)
    while (at := slot if boundary is None else min(slot, boundary)) < span.end:
        known = {name: one.at(at) for name, one in replayed.items()}
        judgement = judge(criteria, memory, known, at, max_age=max_age)
        memory, boundary = judgement.memory, judgement.next_boundary_at
        if at == slot:
            slot = next_slot(at)
        case = memory.case if memory.state is RuleState.ACTIVE else None
        yield Check(at, judgement.truth, case, memory.data_lost)


def trial_of(checks: Iterable[Check], span: Span, number_of_cases: int) -> Trial:
    """The checks of a run as spans of time: what a check leaves lasts until the next one."""
    made, cases = list(checks), range(1, number_of_cases + 1)
    return Trial(
        span.start,
        span.end,
        len(made),
        active=_spans([(one.at, one.case is not None) for one in made], span.end),
        without_verdict=_spans([(one.at, one.truth is None) for one in made], span.end),
        in_case={case: _spans([(one.at, one.case == case) for one in made], span.end) for case in cases},
        given_up={
            case: _spans([(one.at, one.case == case and one.is_data_lost) for one in made], span.end) for case in cases
        },
    )


def time_of(spans: Iterable[Span]) -> timedelta:
    """How long they last together."""
    return sum((span.length for span in spans), timedelta())


def _spans(moments: Iterable[tuple[datetime, bool]], end: datetime) -> tuple[Span, ...]:
    """The stretches in which it is so, from a moment to the first at which it is not."""
    found: list[Span] = []
    began: datetime | None = None
    for at, is_so in moments:
        if is_so and began is None:
            began = at
        elif not is_so and began is not None:
            found.append(Span(began, at))
            began = None
    return (*found, Span(began, end)) if began is not None else tuple(found)
