"""Backtests against an oracle that shares nothing with the engine: it goes through the minutes with plain loops.

What the oracle knows of the language is its own: a threshold and its release on a temperature, in tenths of a degree;
what is held, and how long nothing was known, in minutes that it counts.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.recorded import START, every, hourly
from weathertrigger.domain.active_hours import ActiveHours
from weathertrigger.domain.active_hours import Span as Hours
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.hold import Hold, OnNoData
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.backtest import Span, Trial, backtest
from weathertrigger.rules.hysteresis import with_release
from weathertrigger.rules.judge import THE_PLACE, Criteria
from weathertrigger.rules.needs import needs_of

_HOURS = 60
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Case:
    """Tenths of a degree at each hour, or None; above how many tenths, and from how many on it stays so; minutes of
    `for` and `keep_for`; minutes of every day from and to which it may be active, the second maybe of the next day;
    minutes between checks, and of the first one."""

    tenths: list[int | None]
    above: int
    release: int | None
    wait: int
    keep: int
    reverts: bool
    hours: tuple[int, int] | None
    interval: int
    first: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Weather that changes its mind, with holes of all lengths."""
    tenths: list[int | None] = []
    stretches = st.lists(st.tuples(st.none() | st.integers(0, 9), st.integers(1, 7)), min_size=8, max_size=_HOURS)
    for value, length in draw(stretches):
        tenths += [value] * length
    above = draw(st.integers(1, 8))
    interval = draw(st.sampled_from([10, 30, 45, 60, 90, 360, 720]))
    lengths = st.sampled_from([0, 20, 75, 180, 300])
    return Case(
        tenths[:_HOURS],
        above,
        draw(st.none() | st.integers(0, above)),
        draw(lengths),
        draw(lengths),
        draw(st.booleans()),
        draw(st.none() | st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda two: (two[0], sum(two)))),
        interval,
        draw(st.integers(0, interval - 1)),
    )


def by_force(case: Case) -> dict[str, list[bool]]:
    """Minute by minute: is the rule active, has it given up what it raised, is it without a verdict?"""
    told: dict[str, list[bool]] = {"active": [], "given up": [], "without verdict": []}
    on = active = given_up = False
    verdict: bool | None = False
    waited = kept = dark = 0  # minutes for which it has been true, has been over, has been unknown
    is_kept = was_checked = False
    is_open = [may_be_active(case, minute) for minute in range(_HOURS * 60)]
    for minute in range(_HOURS * 60):
        waited += verdict is True
        kept += is_kept
        dark += verdict is None
        rings = (
            (not active and verdict is True and waited == case.wait)
            or (is_kept and kept == case.keep)
            or (active and verdict is None and dark == 360)
            or (was_checked and is_open[minute] is not is_open[minute - 1])
        )
        if rings or (minute >= case.first and (minute - case.first) % case.interval == 0):
            was_checked, seen = True, seen_at(case, minute)
            if not is_open[minute]:
                verdict = active = given_up = is_kept = False
                waited = dark = 0
            elif seen is None:
                verdict = None
                given_up = active and dark >= 360
                if (is_kept and kept >= case.keep) or (case.reverts and given_up):
                    active = given_up = is_kept = False
            else:
                on = verdict = seen > case.above or (on and case.release is not None and seen >= case.release)
                given_up, dark = False, 0
                if on:
                    active, is_kept, kept = active or waited >= case.wait, False, 0
                else:
                    is_kept, kept, waited = active and kept < case.keep, kept if active else 0, 0
                    active = is_kept
            if not is_kept:
                kept = 0
            if active:
                waited = 0
        told["active"].append(active)
        told["given up"].append(given_up)
        told["without verdict"].append(verdict is None)
    return told


def seen_at(case: Case, minute: int) -> int | None:
    """The last observation, if it is not older than 90 minutes."""
    seen = None
    for hour, tenths in enumerate(case.tenths):
        if tenths is not None and 60 * hour <= minute <= 60 * hour + 90:
            seen = tenths
    return seen


def may_be_active(case: Case, minute: int) -> bool:
    """Whether the minute lies in the hours of its day or of the day before."""
    if case.hours is None:
        return True
    opens, closes = case.hours
    return any(opens <= minute - midnight < closes for midnight in range(-1440, _HOURS * 60, 1440))


def tried(case: Case) -> Trial:
    """What the engine says."""
    release = None if case.release is None else case.release / 10
    leaf = Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, case.above / 10),), "C", release=release)
    criteria = Criteria(
        leaf,
        needs_of(leaf),
        with_release=with_release(leaf),
        hold=Hold(case.wait * _MINUTE, case.keep * _MINUTE),
        on_no_data=OnNoData.REVERT if case.reverts else OnNoData.HOLD,
        active=ActiveHours((Hours((0, 1, 2, 3, 4, 5, 6), *case.hours),)) if case.hours else None,
    )
    recording = hourly([None if one is None else one / 10 for one in case.tenths], Metric.TEMPERATURE)
    slots = every(case.interval * _MINUTE, case.first * _MINUTE)
    return backtest(criteria, {THE_PLACE: recording}, Span(START, START + timedelta(hours=_HOURS)), slots)


@given(cases())
def test_a_backtest_is_what_the_oracle_says(case: Case) -> None:
    """Semantics 2, 4, 7, 8, 10 and 34: every minute of every span, and the number of flips."""
    trial, expected = tried(case), by_force(case)
    assert minutes_of(trial.active) == expected["active"]
    assert minutes_of(trial.given_up[1]) == expected["given up"]
    assert minutes_of(trial.without_verdict) == expected["without verdict"]
    assert trial.flips == sum(before is not after for before, after in pairwise([False, *expected["active"]]))


def minutes_of(spans: tuple[Span, ...]) -> list[bool]:
    """Of each minute whether it lies in a span; a span that begins or ends within a minute is none."""
    inside = [False] * (_HOURS * 60)
    for span in spans:
        (first, rest), (end, more) = divmod(span.start - START, _MINUTE), divmod(span.end - START, _MINUTE)
        assert rest == more == timedelta()
        inside[first:end] = [True] * (end - first)
    return inside
