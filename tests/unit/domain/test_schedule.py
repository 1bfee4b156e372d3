"""The grid of slots, against a plain loop."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.schedule import Grid, latest_slot, next_slot, phase_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
intervals = st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))
instants = st.datetimes(
    datetime(1931, 1, 1),  # noqa: DTZ001 - the zone is the third argument
    datetime(2105, 1, 1),  # noqa: DTZ001 - idem
    timezones=st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Europe/Zurich")]),
)


@settings(max_examples=60)
@given(strategies.ids, st.integers(60, 86_400), st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_slots_are_those_of_a_plain_loop(rule_id: str, seconds: int, offset: timedelta) -> None:
    """Semantics 11: walking the grid step by step from far before gives the same latest and next slot."""
    interval = timedelta(seconds=seconds)
    at = _EPOCH + offset
    slot = _EPOCH + phase_of(rule_id, interval)
    while slot > at:
        slot -= interval
    while slot + interval <= at:
        slot += interval
    assert latest_slot(rule_id, interval, at) == slot
    assert next_slot(rule_id, interval, at) == slot + interval


@given(strategies.ids, intervals, instants)
def test_slots_lie_on_the_grid(rule_id: str, interval: timedelta, at: datetime) -> None:
    """Semantics 11: on the grid of whole milliseconds, around any instant, before 1970 too, in whatever zone it is
    told; the next follows the latest."""
    latest, following = latest_slot(rule_id, interval, at), next_slot(rule_id, interval, at)
    assert latest <= at < following
    assert following - latest == interval
    assert (latest - _EPOCH - phase_of(rule_id, interval)) % interval == timedelta(0)
    assert latest.utcoffset() == timedelta(0)
    assert latest.microsecond % 1000 == 0


@given(strategies.ids, intervals, instants)
def test_a_slot_is_its_own_latest(rule_id: str, interval: timedelta, at: datetime) -> None:
    """Semantics 11: asked at the very time of a slot, that slot is the latest and the next is a whole interval on."""
    slot = latest_slot(rule_id, interval, at)
    assert latest_slot(rule_id, interval, slot) == slot
    assert next_slot(rule_id, interval, slot) == Grid(rule_id, interval).following(slot) == slot + interval
    assert latest_slot(rule_id, interval, slot - timedelta(microseconds=1)) == slot - interval


@pytest.mark.parametrize("day", [(2026, 3, 8), (2026, 11, 1)])
def test_a_change_of_clocks_is_no_change_of_the_grid(day: tuple[int, int, int]) -> None:
    """Semantics 11: through the missing and the doubled hour of New York the slots stay half an hour apart."""
    newark = ZoneInfo("America/New_York")
    at = datetime(*day, tzinfo=newark)
    end = datetime(*day, 12, tzinfo=newark)
    slots = [next_slot("rule-123", timedelta(minutes=30), at)]
    while slots[-1] < end:
        slots.append(next_slot("rule-123", timedelta(minutes=30), slots[-1].astimezone(newark)))
    assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(minutes=30)}


@pytest.mark.parametrize("minutes", [5, 30, 720])
def test_phases_are_spread_evenly(minutes: int) -> None:
    """Protocol S: 10,000 rules whose ids are alike fill a hundred parts of the interval evenly; chi-squared for 99
    degrees of freedom stays below its 99.99 % quantile, and the spread is the same every time."""
    interval = timedelta(minutes=minutes)
    phases = [phase_of(f"rule-{number}", interval) for number in range(10_000)]
    parts = Counter(phase * 100 // interval for phase in phases)
    chi_squared = sum((parts[part] - 100) ** 2 / 100 for part in range(100))
    assert set(parts) == set(range(100))
    assert chi_squared < 161.3
    assert phases == [phase_of(f"rule-{number}", interval) for number in range(10_000)]


def test_the_phase_of_a_rule_is_fixed() -> None:
    """Protocol S: the phase is part of what is stored in every database; it may never change with a release."""
    assert phase_of("rule-123", timedelta(minutes=30)) == timedelta(milliseconds=321931)
