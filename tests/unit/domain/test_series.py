"""The hours of local days where clocks change, and how much of a window must be known."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.domain.forecast import beginning_of
from weathertrigger.domain.series import Window, hours_of


@pytest.mark.parametrize(
    ("zone", "day", "hours", "first"),
    [
        ("UTC", date(2026, 3, 29), 24, "2026-03-29T00:00"),
        ("Europe/Zurich", date(2026, 3, 28), 24, "2026-03-27T23:00"),
        ("Europe/Zurich", date(2026, 3, 29), 23, "2026-03-28T23:00"),
        ("Europe/Zurich", date(2026, 10, 25), 25, "2026-10-24T22:00"),
        ("America/New_York", date(2026, 3, 8), 23, "2026-03-08T05:00"),
        ("America/New_York", date(2026, 11, 1), 25, "2026-11-01T04:00"),
        ("America/St_Johns", date(2026, 3, 8), 23, "2026-03-08T04:00"),  # begins at 03:30 UTC
        ("Asia/Kathmandu", date(2026, 3, 8), 24, "2026-03-07T19:00"),  # begins at 18:15 UTC
        ("Australia/Lord_Howe", date(2026, 4, 4), 24, "2026-04-03T13:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25, "2026-04-04T13:00"),  # of 24 1/2 hours
        ("Australia/Lord_Howe", date(2026, 4, 6), 24, "2026-04-05T14:00"),  # begins at 13:30 UTC
        ("Australia/Lord_Howe", date(2026, 10, 4), 23, "2026-10-03T14:00"),  # of 23 1/2 hours
        ("Antarctica/Troll", date(2026, 3, 29), 22, "2026-03-29T00:00"),
        ("Antarctica/Troll", date(2026, 10, 25), 26, "2026-10-24T22:00"),
        ("America/Santiago", date(2026, 9, 6), 23, "2026-09-06T04:00"),  # without a midnight
        ("Pacific/Kiritimati", date(2026, 1, 1), 24, "2025-12-31T10:00"),
        ("Etc/GMT+12", date(2026, 1, 1), 24, "2026-01-01T12:00"),
        ("Pacific/Apia", date(2011, 12, 30), 0, None),  # left out when the date line was moved
    ],
)
def test_days_where_clocks_change(zone: str, day: date, hours: int, first: str | None) -> None:
    """Semantics 9: an hour belongs to the local day in which it begins."""
    numbers = hours_of(day, ZoneInfo(zone))
    assert len(numbers) == hours
    assert list(numbers) == list(range(numbers[0], numbers[0] + hours)) if numbers else first is None
    assert [beginning_of(number) for number in numbers[:1]] == (
        [datetime.fromisoformat(first).replace(tzinfo=UTC)] if first else []
    )


@given(
    st.sampled_from(["Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Troll"]),
    st.dates(date(2024, 1, 1), date(2028, 1, 1)),
)
def test_every_hour_belongs_to_one_day(zone: str, day: date) -> None:
    """Semantics 9: the days of a place share no hour and leave none out."""
    here = ZoneInfo(zone)
    assert hours_of(day, here)[-1] + 1 == hours_of(day + timedelta(days=1), here)[0]


@pytest.mark.parametrize(
    ("needed", "least"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (12, 9), (23, 18), (24, 18), (25, 19), (384, 288)]
)
def test_three_quarters_are_enough(needed: int, least: int) -> None:
    """Semantics 9: less than 75 % of the steps is unknown, exactly 75 % is known."""
    for known in range(needed + 1):
        assert Window((1.0,) * known, needed).is_known is (known >= least)


def test_a_window_without_steps_is_unknown() -> None:
    """Semantics 9: nothing is not 75 % of nothing."""
    assert not Window((), 0).is_known
