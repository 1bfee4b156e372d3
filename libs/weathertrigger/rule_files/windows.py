"""A leaf's `over`, and the hours of `within`."""

import re
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.condition import DaySpan, HourSpan, Over, Take
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.units import units_of_sum
from weathertrigger.domain.weather import Metric
from weathertrigger.rule_files.cells import typed
from weathertrigger.rule_files.scalars import word_of
from weathertrigger.rule_files.sentences import choices, shown
from weathertrigger.rule_files.shapes import WHOLE, either, items, shaped, text
from weathertrigger.rule_files.strict import Read, StrictSchema

EARLIEST_HOUR, LATEST_HOUR = -168, 384
EARLIEST_DAY, LATEST_DAY = -6, 15
LONGEST_TREND = 72
"""Hours."""

# A mean of directions is no direction; what is not a number has no least and no greatest.
_NO_FIGURES = frozenset({Metric.WIND_DIRECTION, Metric.CONDITION, Metric.ALERT, Metric.IS_DAY})
_COUNTS = (Take.ANY, Take.ALL, Take.HOURS)

_HOURS = re.compile(r"([+-]?)([0-9]{1,4}) *h")
_HOURS_OR_NONE = re.compile(rf"{_HOURS.pattern}|[+-]?0{{1,4}}")
_ONLY_A_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_EXAMPLE = "{from: +0h, to: +12h, take: max}"

_take_from = word_of(Take, "a way to take the steps")
_each_day_from = word_of(EachDay, "a figure of a day")


@shaped(either(text(_HOURS_OR_NONE), {"type": "integer", "const": 0}))
def hour_from(value: object) -> int:
    """Whole hours from now, negative in the past: `+12h`, `-3 h`, `0`.

    Raises:
        ValidationError: not whole hours, or out of bounds.
    """
    hour = _hours(value, "+12 h or -3 h")
    if not EARLIEST_HOUR <= hour <= LATEST_HOUR:
        raise ValidationError(f"{shown(value)} is too far; it lies between {EARLIEST_HOUR} h and +{LATEST_HOUR} h")
    return hour


@shaped(text(_HOURS))
def within_from(value: object) -> int:
    """How many hours a trend looks back: 1 to 72.

    Raises:
        ValidationError: not whole hours, or none of these.
    """
    hours = _hours(value, "3 h")
    if not 1 <= hours <= LONGEST_TREND:
        raise ValidationError(f"{shown(value)} is not a length of 1 h to {LONGEST_TREND} h")
    return hours


def _hours(value: object, example: str) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    found = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if found:
        return int(found[1] + found[2])
    if isinstance(text, str) and _ONLY_A_NUMBER.fullmatch(text):
        if int(text) == 0:
            return 0
        raise ValidationError(f"{text} has no unit; write {text} h")
    raise ValidationError(f"{shown(value)} is not a number of whole hours; write for example {example}")


@shaped(items(WHOLE, minItems=2, maxItems=2))
def _days_from(value: object) -> tuple[int, int]:
    match [typed(one) for one in value] if isinstance(value, list) else value:
        case [int(first), int(last)] if not isinstance(first, bool) and not isinstance(last, bool):
            if min(first, last) < EARLIEST_DAY or max(first, last) > LATEST_DAY:
                raise ValidationError(f"is too far; days lie between {EARLIEST_DAY} and {LATEST_DAY}, today being 0")
            if first > last:
                raise ValidationError(f"ends before it begins: {first} is after {last}")
            return first, last
    raise ValidationError("is not two days; write for example [0, 2]: today and the two days after it")


@shaped({"type": "integer", "minimum": 1})
def _count_from(value: object) -> int:
    value = typed(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"{shown(value)} is not a whole number")
    if value < 1:
        raise ValidationError(f"{shown(value)} is too few; write 1 or more")
    return value


class _Words(TypedDict, total=False):
    start: int
    end: int
    days: tuple[int, int]
    each_day: EachDay
    take: Take
    at_least: int


class OverSchema(StrictSchema):
    """`{from: +0h, to: +12h, take: hours, at_least: 3}` or `{days: [0, 2], each_day: max, take: all}`."""

    start = Read(hour_from, key="from")
    end = Read(hour_from, key="to")
    days = Read(_days_from)
    each_day = Read(_each_day_from)
    take = Read(_take_from)
    at_least = Read(_count_from)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_whole(self, _data: _Words, original: dict[str, object], **_: object) -> None:
        """Hours with both ends, or days with their figure; and what is made of them."""
        if "take" not in original:
            raise ValidationError({"take": [f"is missing; write what is made of the steps: {choices(Take)}"]})
        hours = [key for key in ("from", "to") if key in original]
        if "days" in original and hours:
            raise ValidationError("is either hours, from and to, or days; write two conditions for both")
        if "days" in original and "each_day" not in original:
            sentence = f"is missing; write what stands for the hours of a day: {choices(EachDay)}"
            raise ValidationError({"each_day": [sentence]})
        if "days" not in original and "each_day" in original:
            raise ValidationError({"each_day": ["belongs to days"]})
        if "days" not in original and not hours:
            raise ValidationError(f"says no hours and no days; write for example {_EXAMPLE}")
        if len(hours) == 1:
            raise ValidationError({"to" if hours == ["from"] else "from": ["is missing"]})

    @validates_schema(skip_on_field_errors=False)
    def can_be(self, data: _Words, **_: object) -> None:
        """There is an hour in it, and the hours that are asked for; sums are of sums."""
        if "start" in data and "end" in data and data["start"] >= data["end"]:
            what = "has no hour in it" if data["start"] == data["end"] else "ends before it begins"
            raise ValidationError(f"{what}: from {data['start']:+d} h to {data['end']:+d} h")
        take = data.get("take")
        if "days" in data and take is Take.HOURS:
            raise ValidationError({"take": ["hours counts hours; with days write any or all"]})
        if take is Take.SUM and data.get("each_day", EachDay.SUM) is not EachDay.SUM:
            raise ValidationError({"take": ["sum adds up totals of days; write each_day: sum"]})

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def hours_can_pass(self, data: _Words, original: dict[str, object], **_: object) -> None:
        """`hours` says how many, and nothing else does."""
        if data.get("take", Take.HOURS) is not Take.HOURS and "at_least" in original:
            raise ValidationError({"at_least": ["belongs to take: hours"]})
        if data.get("take") is not Take.HOURS or "days" in original:
            return
        if "at_least" not in original:
            raise ValidationError({"at_least": ["is missing; write how many hours must pass"]})
        if "at_least" in data and "start" in data and "end" in data:
            hours = data["end"] - data["start"]
            if 0 < hours < data["at_least"]:
                raise ValidationError({"at_least": [f"is more than the {hours} hours that there are"]})

    @post_load
    def to_over(self, data: _Words, **_: object) -> Over:
        """The window that a leaf carries."""
        span = DaySpan(*data["days"], data["each_day"]) if "days" in data else HourSpan(data["start"], data["end"])
        return Over(span, data["take"], data.get("at_least"))


_OVER = OverSchema()


@shaped(lambda writer: writer.mapping(_OVER, required=["take"]))
def over_from(value: object) -> Over:
    """A window.

    Raises:
        ValidationError: every fault of it that does not depend on the metric.
    """
    if not isinstance(value, dict):
        raise ValidationError(f"{shown(value)} is not a window; write for example {_EXAMPLE}")
    try:
        over: Over = _OVER.read(value)
    except ValidationError as error:
        raise ValidationError(error.messages) from error  # without the keys that are well: they are no window
    return over


def refuse_unsuited(metric: Metric, over: Over) -> None:
    """Holds the window against what can be made of the metric.

    Raises:
        ValidationError: under `over`.
    """
    if metric in _NO_FIGURES:
        if isinstance(over.span, DaySpan):
            raise ValidationError({"over": {"days": [f"{metric} has no figure of a day; write from and to, in hours"]}})
        if over.take not in _COUNTS:
            sentence = f"{over.take} cannot be made of {metric}; use {choices(_COUNTS)}"
            raise ValidationError({"over": {"take": [sentence]}})
    elif over.adds_up and not units_of_sum(metric):
        key = "take" if over.take is Take.SUM else "each_day"
        raise ValidationError({"over": {key: [f"{metric} cannot be added up; use min, max or mean"]}})
