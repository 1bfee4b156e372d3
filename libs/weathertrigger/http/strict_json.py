"""JSON as other people's servers send it: parsed strictly, then read piece by piece without trusting its shape."""

import json
import math
import re
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

# No amount, id or time that an API sends has more digits (an int64 has 19); a longer number is a fault or an attack.
_MOST_DIGITS = 30

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_HIGHEST = 10**19


class NotJson(ValueError):
    """The bytes are not JSON, or hold a number that cannot be one (NaN, Infinity, 1e999)."""


def parse(body: bytes | str) -> Json:
    """UTF-8 text as JSON.

    Raises:
        NotJson: for anything that RFC 8259 does not allow, a number that is not finite, or nesting without end. It says
            nothing of the content, which may be secret.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError):
        fault = NotJson("The answer is not JSON.")
    else:
        return value
    raise fault


def dig(value: Json, *path: str | int) -> Json:
    """What lies under the path, or None where the path leads nowhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def items(value: Json) -> list[Json]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Json) -> str | None:
    """The text, if it is one and not empty."""
    return value if isinstance(value, str) and value else None


def whole(value: Json) -> int | None:
    """The whole number of at most 19 digits, written as a number or (as Google and Meta do) as text."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _HIGHEST else None


def number(value: Json) -> float | None:
    """The number as a float; True is no number, and neither is "3.2"."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _refuse(constant: str) -> float:
    raise NotJson(constant)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise NotJson(digits)
    return value


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise NotJson(digits)
    return int(digits)
