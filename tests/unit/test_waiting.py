"""Instants in whole milliseconds, jitter, and the names of queues."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.instants import from_ms, to_ms
from weathertrigger.jitter import full_jitter
from weathertrigger.queues import EVALUATION, WEATHER, actions_of


@given(st.integers(-(10**13), 10**14))
def test_milliseconds_survive(milliseconds: int) -> None:
    """What PostgreSQL and Redis compare exactly comes back exactly, before 1970 too."""
    assert to_ms(from_ms(milliseconds)) == milliseconds


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14, 14))
def test_an_instant_is_rounded_down_whatever_its_zone(instant: datetime, hours: int) -> None:
    """Never later than it was, by less than a millisecond, and the same in every zone that can tell it."""
    back = from_ms(to_ms(instant))
    assert timedelta(0) <= instant - back < timedelta(milliseconds=1)
    assert back.tzinfo is UTC
    if timedelta(days=1) < instant - datetime.min.replace(tzinfo=UTC) and instant.year < 9999:
        assert to_ms(instant.astimezone(timezone(timedelta(hours=hours)))) == to_ms(instant)


def test_no_time_stays_none_and_a_naive_one_is_a_mistake() -> None:
    """Time is aware inside; a time without a zone is not guessed at."""
    assert to_ms(None) is None
    with pytest.raises(TypeError):
        to_ms(datetime(2026, 3, 1))  # noqa: DTZ001 - on purpose


@given(st.integers(0, 10**9), st.floats(0.001, 60), st.floats(0.001, 3600))
def test_jitter_stays_below_its_ceiling(attempt: int, base: float, cap: float) -> None:
    """Never negative, never above the cap nor above the doubled base, however many attempts there were."""
    wait = full_jitter(attempt, base=base, cap=cap)
    assert 0 <= wait <= min(cap, base * 2 ** min(attempt, 30))


def test_jitter_uses_all_of_its_range() -> None:
    """Full jitter: of a thousand waits some lie in each tenth, so waiters do not come back together."""
    waits = [full_jitter(3, base=1.0, cap=100.0) for _ in range(1000)]
    assert {int(wait / 0.8) for wait in waits} >= set(range(10))


def test_every_platform_has_a_queue_of_its_own() -> None:
    """Bulkheads: one platform that hangs does not slow the others."""
    names = {WEATHER, EVALUATION, actions_of("meta_ads"), actions_of("google_ads")}
    assert len(names) == 4
