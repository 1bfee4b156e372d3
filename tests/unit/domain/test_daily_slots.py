"""Slots at a local time of every day, against a clock on the wall that goes minute by minute (semantics 11)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.unit.domain.monotone_clock import FIRST, LAST, MINUTE, ZONES, changes, minutes
from weathertrigger.domain.schedule import Daily

_DAY = timedelta(days=1)
_TIMES = (0, 1, 30, 90, 120, 121, 150, 165, 179, 180, 181, 225, 360, 1410, 1439)


def _check(daily: Daily, zone_name: str, start: datetime, end: datetime) -> None:
    """Every minute at which the clock comes to the time of a day is a slot, and no other."""
    before, latest = None, daily.latest(start)
    for at, shown in minutes(zone_name, start, end):
        days = (shown.date(), shown.date() + _DAY)
        times = [datetime.combine(day, datetime.min.time()) + daily.minute * MINUTE for day in days]
        if before is not None and any(before < time <= shown for time in times):
            assert daily.after(latest) == at, (zone_name, shown)
            latest = at
        assert daily.latest(at) == latest, (zone_name, at, shown)
        before = shown


@pytest.mark.parametrize("zone_name", ZONES)
def test_two_years(zone_name: str) -> None:
    """Semantics 11: around every change of the clocks in two years: a time that is left out is moved to the first
    instant after the gap, one that comes twice happens once."""
    for middle in [*changes(zone_name), FIRST + 500.4 * _DAY]:
        for minute in _TIMES:
            _check(Daily(minute, ZoneInfo(zone_name)), zone_name, middle - _DAY, middle + 0.75 * _DAY)


@settings(max_examples=25)
@given(st.integers(0, 1439), st.sampled_from(ZONES), st.data())
def test_any_time_on_any_day(minute: int, zone_name: str, data: st.DataObject) -> None:
    """Semantics 11: two days, mostly around a change of the clocks."""
    middles = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))
    if changes(zone_name):
        middles = st.sampled_from(changes(zone_name)) | middles
    middle = data.draw(middles).replace(minute=0, second=0, microsecond=0)
    _check(Daily(minute, ZoneInfo(zone_name)), zone_name, middle - _DAY, middle + _DAY)


@settings(max_examples=60)
@given(st.integers(0, 1439), st.sampled_from(ZONES), strategies.moments)
def test_every_moment_lies_between_two_slots(minute: int, zone_name: str, at: datetime) -> None:
    """Semantics 11: the latest slot, the moment, the next slot; and nothing between the two slots."""
    daily = Daily(minute, ZoneInfo(zone_name))
    latest, following = daily.latest(at), daily.after(at)
    assert latest <= at < following
    assert daily.after(latest) == following
    assert daily.latest(following - timedelta(milliseconds=1)) == latest
    assert timedelta(hours=22) <= following - latest <= timedelta(hours=26)


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_year_has_a_slot_on_every_day(zone_name: str) -> None:
    """Semantics 11: one on each of the days, at its time or right after the gap."""
    daily = Daily(150, ZoneInfo(zone_name))
    slots = [daily.after(FIRST)]
    while slots[-1] < FIRST + 365 * _DAY:
        slots.append(daily.after(slots[-1]))
    local = [slot.astimezone(ZoneInfo(zone_name)) for slot in slots]
    assert all(later.date() - day.date() == _DAY for day, later in pairwise(local))
    left_out = [at for at in local if (at.hour, at.minute) != (2, 30)]
    assert len(left_out) == (zone_name in ("Europe/Zurich", "America/New_York", "Antarctica/Troll"))
