"""Readers of single values: text, ids, numbers, yes/no, and words out of a list."""

import math
import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from marshmallow import ValidationError

from weathertrigger.rule_files.cells import typed
from weathertrigger.rule_files.sentences import hint, shown
from weathertrigger.rule_files.shapes import NUMBER, WHOLE, YES_OR_NO, either, one_of, shaped, text

_Word = TypeVar("_Word", bound=StrEnum)

_LONGEST_NAME = 200
_OWN_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
# Ids of platforms travel in URLs and queries; a Google ad is `222~333`.
_ENTITY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")
_LARGEST_PRIORITY = 1_000_000


@shaped({"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME})
def name_from(value: object) -> str:
    """A name for people: one line of at most 200 characters."""
    if not isinstance(value, str):
        raise ValidationError(f"{shown(value)} is not text; put it in quotes")
    if not 0 < len(value.strip()) <= len(value) <= _LONGEST_NAME:
        raise ValidationError(f"has {len(value)} characters; write 1 to {_LONGEST_NAME}")
    if not value.isprintable():
        raise ValidationError("holds a line break or another character that cannot be printed")
    return str(value)


@shaped(either(text(_OWN_ID), WHOLE))
def own_id_from(value: object) -> str:
    """An id that the user gives: letters, digits, dot, underscore, hyphen; at most 100."""
    text = _id_text(value)
    if not _OWN_ID.fullmatch(text):
        raise ValidationError(f"{shown(text)} is not an id; use 1 to 100 letters, digits, '.', '_' or '-'")
    return text


@shaped(either(text(_ENTITY_ID), WHOLE))
def entity_id_from(value: object) -> str:
    """An id that a platform gave, as text or as a whole number."""
    text = _id_text(value)
    if not _ENTITY_ID.fullmatch(text):
        raise ValidationError(f"{shown(text)} is not an id of an ad platform")
    return text


@shaped(NUMBER)
def number_from(value: object) -> float:
    """A finite number."""
    value = typed(value)
    if isinstance(value, str):
        raise ValidationError(f"{shown(value)} is not a number{_unquoted(value)}")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValidationError(f"{shown(value)} is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValidationError("is not a finite number")
    return number + 0.0  # -0.0 is 0.0


@shaped({"type": "integer", "minimum": -_LARGEST_PRIORITY, "maximum": _LARGEST_PRIORITY})
def priority_from(value: object) -> int:
    """A whole number; the highest wins."""
    value = typed(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"{shown(value)} is not a whole number")
    if abs(value) > _LARGEST_PRIORITY:
        raise ValidationError(f"is not between -{_LARGEST_PRIORITY} and {_LARGEST_PRIORITY}")
    return value


@shaped(YES_OR_NO)
def yes_or_no_from(value: object) -> bool:
    """True or false; YAML's `on`, `off`, `yes` and `no` are words here."""
    value = typed(value)
    if not isinstance(value, bool):
        raise ValidationError(f"{shown(value)} is not true or false")
    return value


def word_of(words: type[_Word], what: str) -> Callable[[object], _Word]:
    """A reader of one word of the enum; `what` says what the words are: `status`."""
    by_text = {word.value: word for word in words}

    @shaped(one_of(words))
    def word_from(value: object) -> _Word:
        if isinstance(value, str) and value in by_text:
            return by_text[value]
        raise ValidationError(f"{shown(value)} is not {what}; {hint(value, by_text)}")

    return word_from


def _id_text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValidationError(f"{shown(value)} is not an id; put it in quotes")


def _unquoted(text: str) -> str:
    try:
        finite = math.isfinite(float(text))
    except ValueError:
        return ""
    return "; write it without quotes or a plus sign" if finite else ""
