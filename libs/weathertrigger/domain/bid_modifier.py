"""Bid modifiers: plain decimal numbers by which a platform multiplies the bids for a location; 1 leaves them alone."""

from decimal import Decimal

LOWEST = Decimal("0.1")
HIGHEST = Decimal(10)
STEP = Decimal("0.01")
"""People and rules write whole percents."""


def as_text(value: Decimal) -> str:
    """`1.25`, `10`: without an exponent and without idle zeros, so that equal modifiers are equal texts."""
    return f"{value.normalize():f}"
