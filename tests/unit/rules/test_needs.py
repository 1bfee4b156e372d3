"""What a condition needs besides the present."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rules.hours import compare, over
from weathertrigger.domain.condition import (
    All,
    Any,
    Condition,
    DaySpan,
    Direction,
    Flag,
    HourSpan,
    Membership,
    Not,
    Over,
    Take,
    Trend,
)
from weathertrigger.domain.forecast import EachDay, beginning_of, hour_of
from weathertrigger.domain.series import hours_of
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rules.needs import MOST_HOURS_BACK, Needs, needs_of

_NOW = Flag(Metric.IS_DAY, wanted=True)


def _rain(window: Over | None) -> Condition:
    return compare(Metric.RAIN, "mm/h", window, above=0)


def _day(first: int, last: int) -> Condition:
    return _rain(Over(DaySpan(first, last, EachDay.MAX), Take.ANY))


def _around(*metrics: Metric, ahead: bool = False, back: int = 0, now: bool = False) -> Needs:
    return Needs(now, ahead, back, frozenset(metrics or {Metric.RAIN}))


@pytest.mark.parametrize(
    ("condition", "needs"),
    [
        (_NOW, Needs(looks_at_now=True)),
        (compare(Metric.PRECIPITATION_PROBABILITY, "%", None, above=50), Needs(looks_at_now=True)),
        (_rain(over(0, 12, Take.ANY)), _around(ahead=True)),
        (_rain(over(6, 12, Take.ANY)), _around(ahead=True)),
        (_rain(over(-3, 0, Take.ANY)), _around(back=4)),
        (_rain(over(-3, 3, Take.ANY)), _around(ahead=True, back=4)),
        (_rain(over(-168, -160, Take.ANY)), _around(back=168)),
        (_day(1, 2), _around(ahead=True)),
        (_day(0, 2), _around(ahead=True, back=26)),
        (_day(-1, -1), _around(back=50)),
        (_day(-6, 0), _around(ahead=True, back=168)),
        (Trend(Metric.RAIN, Direction.RISES, 1.0, "mm/h", 72), _around(back=75, now=True)),
        (Membership(frozenset({WeatherKind.RAIN}), over=over(0, 1, Take.ANY)), _around(Metric.CONDITION, ahead=True)),
        (Flag(Metric.IS_DAY, wanted=True, over=over(-2, 0, Take.ANY)), _around(Metric.IS_DAY, back=3)),
        (All((_NOW, _rain(over(-3, 0, Take.ANY)))), _around(back=4, now=True)),
        (Any((_rain(over(0, 3, Take.ANY)), Not(_day(-1, -1)))), _around(ahead=True, back=50)),
        (
            Any((_rain(over(0, 3, Take.ANY)), Flag(Metric.IS_DAY, wanted=True, over=over(-2, 0, Take.ANY)))),
            _around(Metric.RAIN, Metric.IS_DAY, ahead=True, back=3),
        ),
    ],
)
def test_needs(condition: Condition, needs: Needs) -> None:
    """Semantics 9: what lies ahead is forecast, what lies behind was stored; a present probability is no window, and
    what looks at windows alone needs no present."""
    assert needs_of(condition) == needs


@given(strategies.moments, st.integers(-168, 0))
def test_the_hours_of_a_window_are_looked_up(at: datetime, start: int) -> None:
    """Semantics 9: no hour of a window begins before the readings that are asked for, but where the limit cuts it."""
    first = hour_of(at + timedelta(minutes=30)) + start
    back = needs_of(_rain(Over(HourSpan(start, 1), Take.ANY))).looks_back_hours
    if start == 0:
        assert back == 0
    elif back < MOST_HOURS_BACK:
        assert beginning_of(first) >= at - timedelta(hours=back)


@given(strategies.moments, st.integers(-6, 0), st.sampled_from(["Antarctica/Troll", "Europe/Zurich", "Asia/Kathmandu"]))
def test_the_hours_of_a_day_are_looked_up(at: datetime, first: int, zone: str) -> None:
    """Semantics 9: from the local midnight on, but for an hour of the sixth day before where a clock is put back."""
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=first)
    back = needs_of(_day(first, 0)).looks_back_hours
    begins = beginning_of(hours_of(day, ZoneInfo(zone))[0])
    assert begins >= at - timedelta(hours=back) or back == MOST_HOURS_BACK
    assert begins + timedelta(hours=2) >= at - timedelta(hours=back)


def test_the_longest_look_back_is_a_week() -> None:
    """Decision 21: seven days of hours; WEATHER_RETENTION_DAYS is at least a day more."""
    assert MOST_HOURS_BACK == 168
