"""Backtests against an oracle that shares nothing with the engine: it goes through the minutes with plain loops.

What the oracle knows of the language is its own: a threshold on a temperature, in tenths of a degree; and what time
does.
"""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.recorded import START, every, hourly, tried
from weathertrigger.domain.condition import Comparator, Comparison, Threshold
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.backtest import Span

_HOURS = 60
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Case:
    """Tenths of a degree at each hour, or None; above how many tenths; minutes between checks, and of the first one."""

    tenths: list[int | None]
    above: int
    interval: int
    first: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Weather that changes its mind, with holes of all lengths."""
    hours = st.one_of(st.integers(0, 9), st.none())
    stretches = draw(st.lists(st.tuples(hours, st.integers(1, 12)), min_size=1, max_size=_HOURS))
    tenths = [value for value, length in stretches for _ in range(length)][:_HOURS]
    interval = draw(st.sampled_from([10, 30, 45, 60, 90, 360, 720]))
    return Case(tenths, draw(st.integers(0, 9)), interval, draw(st.integers(0, interval - 1)))


def by_force(case: Case) -> dict[str, list[bool]]:
    """Minute by minute: is the rule active, has it given up, is it without a verdict?"""
    told: dict[str, list[bool]] = {"active": [], "given up": [], "without verdict": []}
    active = given_up = unknown = False
    unknown_since = bell = -1
    for minute in range(_HOURS * 60):
        is_slot = minute >= case.first and (minute - case.first) % case.interval == 0
        if is_slot or minute == bell:
            bell = -1
            seen = None
            for hour in range(len(case.tenths)):
                if case.tenths[hour] is not None and 60 * hour <= minute <= 60 * hour + 90:
                    seen = case.tenths[hour]
            unknown = seen is None
            if seen is not None:
                active, given_up, unknown_since = seen > case.above, False, -1
            else:
                unknown_since = minute if unknown_since == -1 else unknown_since
                given_up = active and minute - unknown_since >= 360
                if active and not given_up:
                    bell = unknown_since + 360
        told["active"].append(active)
        told["given up"].append(given_up)
        told["without verdict"].append(unknown)
    return told


@given(cases())
def test_a_backtest_is_what_the_oracle_says(case: Case) -> None:
    """Semantics 2, 4 and 34: every minute of every span."""
    condition = Comparison(Metric.TEMPERATURE, (Threshold(Comparator.ABOVE, case.above / 10),), "C")
    recording = hourly([None if one is None else one / 10 for one in case.tenths], Metric.TEMPERATURE)
    trial = tried(condition, recording, _HOURS, every(case.interval * _MINUTE, case.first * _MINUTE))
    expected = by_force(case)
    assert minutes_of(trial.active) == expected["active"]
    assert minutes_of(trial.given_up) == expected["given up"]
    assert minutes_of(trial.without_verdict) == expected["without verdict"]
    flips = sum(
        before is not after for before, after in zip([False, *expected["active"]], expected["active"], strict=False)
    )
    assert trial.flips == flips


def minutes_of(spans: tuple[Span, ...]) -> list[bool]:
    """Of each minute whether it lies in a span; a span that begins or ends within a minute is none."""
    inside = [False] * (_HOURS * 60)
    for span in spans:
        (first, rest), (end, more) = divmod(span.start - START, _MINUTE), divmod(span.end - START, _MINUTE)
        assert rest == more == timedelta()
        inside[first:end] = [True] * (end - first)
    return inside
