"""Money as a whole number of a platform's own units: the arithmetic that every platform's codec shares."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_HIGHEST = 10**19
_PRECISION = 50  # enough for every amount below the highest to be exact


def units_of(value: str) -> int:
    """The platform's integer.

    Raises:
        ValueError: it is not a whole number of at most 19 digits.
    """
    if not _DIGITS.fullmatch(value):
        raise ValueError(f"{value!r} is not an amount in a platform's units")
    return int(value)


def to_units(amount: Decimal, units_per_major: int, multiple: int = 1, *, down: bool = False) -> int:
    """The amount in units, rounded half up, or down, to a whole multiple.

    Raises:
        ValueError: it is negative, not finite, or too large to be a budget.
    """
    if not amount.is_finite() or not 0 <= amount < _HIGHEST // units_per_major:
        raise ValueError(f"{amount} is not an amount that a platform takes")
    with localcontext(prec=_PRECISION):
        steps = (amount * units_per_major / multiple).to_integral_value(ROUND_DOWN if down else ROUND_HALF_UP)
        return int(steps) * multiple


def to_amount(units: int, units_per_major: int) -> Decimal:
    """Units as an exact amount in major units; `units_per_major` is a power of ten."""
    with localcontext(prec=_PRECISION):
        return Decimal(units) / units_per_major
