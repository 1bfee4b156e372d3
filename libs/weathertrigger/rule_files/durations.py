"""Lengths of time as people write them: `90 s`, `30 min`, `12h`."""

import re
from datetime import timedelta
from decimal import Decimal

from marshmallow import ValidationError

from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.shapes import shaped, text

LONGEST_INTERVAL = timedelta(hours=24)
LONGEST_HOLD = timedelta(hours=168)

_SECONDS = {"s": 1, "min": 60, "h": 3600}
_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) *(s|min|h)")
_ONLY_A_NUMBER = re.compile(r"[0-9.]{1,20}")


@shaped(text(_WRITTEN))
def interval_from(value: object) -> timedelta:
    """How often a rule is checked: whole seconds, at most 24 h. The smallest interval is the caller's to hold.

    Raises:
        ValidationError: not a length of time, or too long.
    """
    return _length_from(value, LONGEST_INTERVAL)


@shaped(text(_WRITTEN))
def hold_length_from(value: object) -> timedelta:
    """How long a rule waits or stays: whole seconds, none to 168 h.

    Raises:
        ValidationError: not a length of time, or too long.
    """
    return _length_from(value, LONGEST_HOLD)


def _length_from(value: object, longest: timedelta) -> timedelta:
    text = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValidationError(_advice(value, text))
    seconds = Decimal(found[1]) * _SECONDS[found[2]]
    if seconds != seconds.to_integral_value():
        raise ValidationError(f"{shown(value)} is not a whole number of seconds")
    length = timedelta(seconds=int(seconds))
    if length > longest:
        raise ValidationError(f"{shown(value)} is too long; the longest is {spoken(longest)}")
    return length


@shaped(text(_WRITTEN))
def catch_up_from(value: object) -> timedelta:
    """How late a check may still be made: 1 s to 24 h.

    Raises:
        ValidationError: not a length of time, or none of these.
    """
    length = interval_from(value)
    if not length:
        raise ValidationError(f"{shown(value)} is too short; the shortest is 1 s")
    return length


def spoken(length: timedelta) -> str:
    """The length in the largest unit that divides it: `5 min`."""
    seconds = length.total_seconds()
    unit = next(unit for unit in ("h", "min", "s") if unit == "s" or seconds % _SECONDS[unit] == 0)
    return f"{seconds / _SECONDS[unit]:g} {unit}"


def _advice(value: object, text: object) -> str:
    if isinstance(text, str) and _ONLY_A_NUMBER.fullmatch(text):
        return f"{text} has no unit; write {text} s, {text} min or {text} h"
    return f"{shown(value)} is not a length of time; write for example 90 s, 30 min or 12 h"
