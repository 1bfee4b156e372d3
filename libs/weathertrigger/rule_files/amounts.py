"""Money and percentages as people write them: `60.00 EUR`, `+20 %`."""

import re
from decimal import Decimal

from marshmallow import ValidationError

from weathertrigger.domain.money import Money
from weathertrigger.rule_files.currencies import CURRENCIES, decimals_of
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.shapes import shaped, text

_MONEY = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))? *([A-Za-z]{3})")
_PERCENT = re.compile(r"([+-])([0-9]{1,6}(?:\.[0-9]{1,4})?) *%")
_UNSIGNED_PERCENT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,4})?) *%?")
_LARGEST_RAISE = Decimal(1000)
_NOTHING_LEFT = Decimal(-100)


@shaped(text(_MONEY))
def money_from(value: object) -> Money:
    """An amount above zero, in major units, with its currency.

    Raises:
        ValidationError: not an amount, no or an unknown currency, more decimals than the currency has.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValidationError(f"{shown(value)} has no currency; write for example 60.00 EUR")
    found = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValidationError(f"{shown(value)} is not an amount of money; write for example 60.00 EUR")
    whole, fraction, currency = found[1], found[2] or "", found[3]
    if currency not in CURRENCIES:
        raise ValidationError(f"{shown(currency)} is not a currency; write its code of ISO 4217: EUR, USD, GBP, ...")
    if len(fraction.rstrip("0")) > decimals_of(currency):
        raise ValidationError(f"{shown(value)} has more decimals than {currency} has")
    amount = Decimal(f"{whole}.{fraction or 0}")
    if not amount:
        raise ValidationError("is zero; a budget or a bid is more than that, pause it instead")
    return Money(amount, currency)


@shaped(text(_PERCENT))
def percent_from(value: object) -> Decimal:
    """A change with its sign, above -100 % and at most +1000 %.

    Raises:
        ValidationError: not a percentage, without a sign, or out of bounds.
    """
    text = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    found = _PERCENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValidationError(_advice(value, text))
    percent = Decimal(found[1] + found[2]) + 0  # -0 is 0
    if percent <= _NOTHING_LEFT:
        raise ValidationError(f"{shown(value)} leaves nothing of it; pause it instead")
    if percent > _LARGEST_RAISE:
        raise ValidationError(f"{shown(value)} is too much; the largest raise is +{_LARGEST_RAISE} %")
    return percent


def _advice(value: object, text: object) -> str:
    bare = _UNSIGNED_PERCENT.fullmatch(text) if isinstance(text, str) else None
    if bare:
        return f"{shown(value)} is not clear; write +{bare[1]} % for more or -{bare[1]} % for less"
    return f"{shown(value)} is not a percentage; write for example +20 %"
