"""Active hours, against a clock on the wall that goes minute by minute (semantics 10)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.unit.domain.monotone_clock import FIRST, LAST, MINUTE, ZONES, changes, minutes, within
from weathertrigger.domain.active_hours import ALWAYS, ActiveHours, Dates, Span, stretch

_DAY = timedelta(days=1)
_ZURICH = ZoneInfo("Europe/Zurich")


def _check(hours: ActiveHours, zone_name: str, start: datetime, end: datetime) -> None:
    """Every minute between, and the time at which each stretch is over."""
    spans = [(set(span.days), span.start, span.end) for span in hours.spans]
    dates, zone = hours.dates, ZoneInfo(zone_name)
    first, last = dates.first or date.min, dates.last or date.max
    days = {day for day in _days_around(start, end) if first <= day <= last and day not in dates.left_out}
    now, until = stretch(hours, zone, start)
    for at, shown in minutes(zone_name, start, end):
        if at == until:
            now = not now
        expected = within(shown, spans, days)
        assert stretch(hours, zone, at)[0] is expected, (zone_name, at, shown)
        assert now is expected, (zone_name, at, shown, until)
        until = stretch(hours, zone, at)[1]
        assert until is None or until > at


def _days_around(start: datetime, end: datetime) -> list[date]:
    return [start.date() + number * _DAY for number in range(-3, (end - start).days + 4)]


@settings(max_examples=25)
@given(strategies.active_hours(), st.sampled_from(ZONES), st.data())
def test_any_hours_on_any_days(hours: ActiveHours, zone_name: str, data: st.DataObject) -> None:
    """Semantics 10: every minute of two days, mostly around a change of the clocks, and the ends of all stretches."""
    middles = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))
    if changes(zone_name):
        middles = st.sampled_from(changes(zone_name)) | middles
    middle = data.draw(middles).replace(minute=0, second=0, microsecond=0)
    _check(hours, zone_name, middle - _DAY, middle + _DAY)


@pytest.mark.parametrize("zone_name", ZONES)
def test_two_years(zone_name: str) -> None:
    """Semantics 10: around every change of the clocks in two years, and on some other days: spans that begin, end and
    lie within the hour that is left out or comes twice, and spans over midnight."""
    spans = [Span((0, 1, 2, 3, 4), 6 * 60, 10 * 60), Span(ALWAYS[0].days, 95, 150), Span(ALWAYS[0].days, 160, 200)]
    night = [Span((5, 6), 11 * 60, 25 * 60), Span((0, 6), 22 * 60, 26 * 60 + 15), Span((2,), 1410, 1470)]
    left_out = {change.date() for change in changes(zone_name)[::2]}
    hours = [
        ActiveHours(tuple(sorted(spans))),
        ActiveHours(tuple(sorted(night))),
        ActiveHours(ALWAYS, Dates(FIRST.date() + 40 * _DAY, LAST.date() - 40 * _DAY, frozenset(left_out))),
    ]
    for middle in [*changes(zone_name), FIRST + 40 * _DAY, FIRST + 500.4 * _DAY, LAST - 40 * _DAY]:
        for one in hours:
            _check(one, zone_name, middle - 1.5 * _DAY, middle + 0.75 * _DAY)


@pytest.mark.faults
@pytest.mark.parametrize("zone_name", ZONES)
def test_every_minute_of_two_years(zone_name: str) -> None:
    """Semantics 10: the whole of it."""
    spans = (Span((0, 1, 2, 3, 4), 95, 150), Span((5, 6), 11 * 60, 25 * 60), Span((6,), 160, 200))
    _check(ActiveHours(spans), zone_name, FIRST, LAST)


def _local(text: str, zone: ZoneInfo = _ZURICH) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("span", "day", "begin", "end"),
    [
        # 29 March 2026: 02:00 to 03:00 is left out. 25 October: 02:00 to 03:00 comes twice.
        (Span((6,), 150, 300), "2026-03-29", "2026-03-29T01:00+00:00", "2026-03-29T03:00+00:00"),
        (Span((6,), 60, 150), "2026-03-29", "2026-03-29T00:00+00:00", "2026-03-29T01:00+00:00"),
        (Span((6,), 130, 150), "2026-03-29", None, None),
        (Span((6,), 60, 150), "2026-10-25", "2026-10-24T23:00+00:00", "2026-10-25T00:30+00:00"),
        (Span((6,), 150, 300), "2026-10-25", "2026-10-25T00:30+00:00", "2026-10-25T04:00+00:00"),
        (Span((5,), 23 * 60, 27 * 60), "2026-10-24", "2026-10-24T21:00+00:00", "2026-10-25T02:00+00:00"),
    ],
)
def test_the_hour_that_is_left_out_and_the_one_that_comes_twice(
    span: Span, day: str, begin: str | None, end: str | None
) -> None:
    """Semantics 10, by hand: a time that is left out is the first instant after the gap, one that comes twice the
    first of the two."""
    noon_before = _local(f"{day}T12:00") - _DAY
    hours = ActiveHours((span,), Dates(date.fromisoformat(day), date.fromisoformat(day)))
    active, first = stretch(hours, _ZURICH, noon_before)
    assert (active, first) == (False, begin and datetime.fromisoformat(begin))
    if first:
        assert stretch(hours, _ZURICH, first) == (True, datetime.fromisoformat(end or ""))


def test_a_span_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    """Semantics 10: Saturday's span goes on into Sunday; Sunday being left out, or after `until`, does not cut it."""
    saturday = date(2026, 8, 1)
    for dates in (Dates(), Dates(last=saturday), Dates(left_out=frozenset({saturday + _DAY}))):
        hours = ActiveHours((Span((5,), 11 * 60, 25 * 60),), dates)
        assert stretch(hours, _ZURICH, _local("2026-08-02T00:30")) == (True, _local("2026-08-02T01:00"))
    gone = ActiveHours((Span((5,), 11 * 60, 25 * 60),), Dates(left_out=frozenset({saturday})))
    assert stretch(gone, _ZURICH, _local("2026-08-02T00:30")) == (False, _local("2026-08-08T11:00"))


def test_what_never_ends_and_what_is_over() -> None:
    """Semantics 10: no boundary is left where there is none."""
    at = _local("2026-08-01T12:00")
    assert stretch(ActiveHours(), _ZURICH, at) == (True, None)
    assert stretch(ActiveHours(dates=Dates(last=date(2026, 7, 31))), _ZURICH, at) == (False, None)
    assert stretch(ActiveHours(dates=Dates(first=date(2029, 8, 1))), _ZURICH, at) == (False, _local("2029-08-01T00:00"))
    far = ActiveHours(dates=Dates(left_out=frozenset({date(2031, 2, 3)})))
    assert stretch(far, _ZURICH, at) == (True, _local("2031-02-03T00:00"))
    assert stretch(far, _ZURICH, _local("2031-02-03T23:59")) == (False, _local("2031-02-04T00:00"))


def test_a_day_that_never_was() -> None:
    """Semantics 10: Samoa went from 29 to 31 December 2011; the spans of the day between are none."""
    apia = ZoneInfo("Pacific/Apia")
    hours = ActiveHours((Span((4,), 8 * 60, 12 * 60),))  # the 30th would have been a Friday
    assert stretch(hours, apia, datetime(2011, 12, 29, 23, tzinfo=UTC)) == (
        False,
        datetime(2012, 1, 6, 8, tzinfo=apia).astimezone(UTC),
    )


def test_spans_that_touch_are_one() -> None:
    """Semantics 10: nothing ends at noon where the next span begins."""
    hours = ActiveHours((Span((5,), 6 * 60, 12 * 60), Span((5,), 12 * 60, 18 * 60), Span((5,), 10 * 60, 13 * 60)))
    assert stretch(hours, _ZURICH, _local("2026-08-01T07:00")) == (True, _local("2026-08-01T18:00"))
    assert stretch(hours, _ZURICH, _local("2026-08-01T18:00") - MINUTE)[0]
