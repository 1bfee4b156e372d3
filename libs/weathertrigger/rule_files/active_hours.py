"""A rule's `active` hours and `dates`, as people write them."""

import re
from datetime import date
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.active_hours import ALWAYS, WEEKDAYS, Dates, Span
from weathertrigger.domain.local_time import MINUTES_A_DAY
from weathertrigger.rule_files.sentences import choices, shown
from weathertrigger.rule_files.shapes import TEXT, either, items, shaped, taken_by, text
from weathertrigger.rule_files.strict import Read, StrictSchema, each

MOST_SPANS = 50
"""Entries of `active`, and spans of hours in one of them."""

MOST_LEFT_OUT = 1000
"""Dates under `except`."""

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(2000, 2101)


@shaped(text(_TIME))
def time_of_day_from(value: object) -> int:
    """Minutes after midnight of a time of day, `00:00` to `23:59`.

    Raises:
        ValidationError: not a time of day.
    """
    minute = _minute(value) if isinstance(value, str) else None
    if minute is None or minute == MINUTES_A_DAY:
        raise ValidationError(f'{shown(value)} is not a time of day; write for example "06:00"')
    return minute


@shaped(either(lambda writer: writer.mapping(_ENTRY), items(lambda writer: writer.mapping(_ENTRY), minItems=1)))
def active_from(value: object) -> tuple[Span, ...]:
    """The spans of `active`: one entry or a list of them; sorted, equal ones once.

    Raises:
        ValidationError: every fault of it.
    """
    entries = each(_several(value, MOST_SPANS), _ENTRY.read) if isinstance(value, list) else [_ENTRY.read(value)]
    return tuple(sorted({span for spans in entries for span in spans}))


@shaped(lambda writer: writer.mapping(_DATES))
def dates_from(value: object) -> Dates:
    """The dates of a rule.

    Raises:
        ValidationError: every fault of them.
    """
    dates: Dates = _DATES.read(value)
    return dates


def _several(value: list[object], most: int) -> list[object]:
    if not 0 < len(value) <= most:
        raise ValidationError(f"has {len(value)} entries; write 1 to {most}")
    return value


@shaped(either(TEXT, items(TEXT, minItems=1)))
def _days_from(value: object) -> tuple[int, ...]:
    found = each(_several(value, MOST_SPANS), _days_of) if isinstance(value, list) else [_days_of(value)]
    return tuple(sorted({day for days in found for day in days}))


def _days_of(value: object) -> list[int]:
    """`mon`, or `mon-fri`; `sat-mon` goes over the end of the week."""
    words = [word.strip() for word in value.lower().split("-")] if isinstance(value, str) else []
    if not 1 <= len(words) <= 2 or not set(words) <= set(WEEKDAYS):  # noqa: PLR2004 - from and to
        raise ValidationError(f"{shown(value)} is not a day; write {choices(WEEKDAYS)}, or for example mon-fri")
    first, last = WEEKDAYS.index(words[0]), WEEKDAYS.index(words[-1])
    return [day % 7 for day in range(first, last + 1 + 7 * (last < first))]


@shaped(either(TEXT, items(TEXT, minItems=1)))
def _hours_from(value: object) -> list[tuple[int, int]]:
    return each(_several(value, MOST_SPANS), _hours_of) if isinstance(value, list) else [_hours_of(value)]


def _hours_of(value: object) -> tuple[int, int]:
    """Minutes from and to, those over midnight counted on."""
    ends = [_minute(part.strip()) for part in value.split("-")] if isinstance(value, str) else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] == MINUTES_A_DAY:  # noqa: PLR2004 - from and to
        raise ValidationError(f'{shown(value)} is no span of hours; write for example "06:00-10:00"')
    start, end = ends[0], ends[1]
    if start == end:
        raise ValidationError(f'{shown(value)} starts when it ends; for the whole day write "00:00-24:00"')
    return start, end if end > start else end + MINUTES_A_DAY


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= MINUTES_A_DAY else None  # noqa: PLR2004 - of an hour


class _Entry(TypedDict, total=False):
    days: tuple[int, ...]
    hours: list[tuple[int, int]]


class EntrySchema(StrictSchema):
    """`{days: [mon-fri], hours: ["06:00-10:00", "16:00-22:00"]}`; without one of them every day, or the whole day."""

    error_messages = {"type": "is not a mapping; write for example {hours: ['06:00-10:00']}"}  # noqa: RUF012 - marshmallow reads it from the class

    days = Read(_days_from)
    hours = Read(_hours_from)

    @validates_schema(pass_original=True)
    def says_something(self, _data: _Entry, original: dict[str, object], **_: object) -> None:
        """An entry without a key would be always."""
        if not original:
            raise ValidationError("says nothing; write days, hours or both")

    @post_load
    def to_spans(self, data: _Entry, **_: object) -> list[Span]:
        """A span for each of the hours."""
        days = data.get("days", ALWAYS[0].days)
        return [Span(days, start, end) for start, end in data.get("hours", [(0, MINUTES_A_DAY)])]


@shaped(text(_DATE))
def _date_from(value: object) -> date:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and _DATE.fullmatch(value) else None
    except ValueError:
        raise ValidationError(f"{shown(value)} is not a day of the calendar") from None
    if found is None:
        raise ValidationError(f"{shown(value)} is not a date; write for example 2026-07-04")
    if found.year not in _YEARS:
        raise ValidationError(f"{shown(value)} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return found


@shaped(either(taken_by(_date_from), items(taken_by(_date_from), minItems=1)))
def _left_out_from(value: object) -> frozenset[date]:
    if not isinstance(value, list):
        return frozenset({_date_from(value)})
    return frozenset(each(_several(value, MOST_LEFT_OUT), _date_from))


class _Days(TypedDict, total=False):
    first: date
    last: date
    left_out: frozenset[date]


class DatesSchema(StrictSchema):
    """`{from: 2026-03-01, until: 2026-10-31, except: [2026-07-04]}`, with both ends; any of them may be left out."""

    error_messages = {"type": "is not a mapping; write for example {from: 2026-03-01, until: 2026-10-31}"}  # noqa: RUF012 - marshmallow reads it from the class

    first = Read(_date_from, key="from")
    last = Read(_date_from, key="until")
    left_out = Read(_left_out_from, key="except")

    @validates_schema(pass_original=True)
    def says_something(self, data: _Days, original: dict[str, object], **_: object) -> None:
        """There is a day in it, and a reason to write it."""
        if not original:
            raise ValidationError("says nothing; write from, until or except")
        dates = Dates(data.get("first"), data.get("last"), data.get("left_out", frozenset()))
        if dates.first and dates.last and dates.first > dates.last:
            raise ValidationError(f"has no day: from {dates.first} is after until {dates.last}")
        if dates.is_empty:
            raise ValidationError("has no day: every one of them is left out by except")

    @post_load
    def to_dates(self, data: _Days, **_: object) -> Dates:
        """The dates of the rule."""
        return Dates(data.get("first"), data.get("last"), data.get("left_out", frozenset()))


_ENTRY: EntrySchema = EntrySchema()
_DATES: DatesSchema = DatesSchema()
