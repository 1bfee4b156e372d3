"""The wording that faults share: how a value is shown, how choices and near misses are named."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_SHOWN = 40
# Closer than difflib's 0.6: `in` must not be taken for a slip of `unit`.
_LIKENESS = 0.7


def shown(value: object) -> str:
    """The value as a short word of a sentence: 'mph', 12, true, a list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = str(value) if not isinstance(value, int) or abs(value) < 10**_LONGEST_SHOWN else "a number of many digits"
    return f"'{printable(text)}'" if isinstance(value, str) else printable(text)


def printable(text: str) -> str:
    """The beginning of a text that may be anything, fit for a line."""
    cut = "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST_SHOWN])
    return cut + ("..." if len(text) > _LONGEST_SHOWN else "")


def choices(words: Iterable[str]) -> str:
    """`C, F or K`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    near = get_close_matches(word[:_LONGEST_SHOWN], list(known), n=1, cutoff=_LIKENESS)
    return near[0] if near else None


def hint(value: object, known: Iterable[str]) -> str:
    """`did you mean rain?`, or else every known word: `use C, F or K`."""
    words = list(known)
    near = nearest(value, words) if isinstance(value, str) else None
    return f"did you mean {near}?" if near else f"use {choices(words)}"
