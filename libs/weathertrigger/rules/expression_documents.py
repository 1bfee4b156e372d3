"""The canonical JSON of what a rule sets a field to; see `canonical.py`.

Money is text with its currency, a bid modifier a number: that tells them apart where no field is named.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Expression,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
)
from weathertrigger.rules.canonical import Document, read_canonical

SHARED_BUDGET = "shared_budget"
LARGEST_RAISE = "largest_raise"
_ALLOW = "allow"


def expression_document(expression: Expression) -> Document:
    """`{"status": "paused"}`, `{"to": "60.00 EUR"}` or `{"change": "+20 %", "max": "80.00 EUR"}`; of a bid modifier
    `{"to": 1.25}` or `{"change": "+20 %", "min": 0.1, "max": 10}`, always with its bounds.
    The largest raise is written where an expression stands without its rule."""
    if isinstance(expression, SetStatus) or expression.largest_raise is None:
        return _written(expression)
    return {**_written(expression), LARGEST_RAISE: percent_text(expression.largest_raise)}


def read_expression(document: Json) -> Expression:
    """The expression that `expression_document` wrote.

    Raises:
        ValueError: not a canonical expression.
    """
    return read_canonical(parse_expression, document, "expression")


def capped(expression: Expression, largest_raise: Decimal | None) -> Expression:
    """The expression, which never goes so many per cent above the baseline."""
    return expression if isinstance(expression, SetStatus) else replace(expression, largest_raise=largest_raise)


def percent_of(text: str) -> Decimal:
    """Of a percentage as it is written: `+20 %`."""
    return Decimal(text.removesuffix(" %"))


def percent_text(percent: Decimal) -> str:
    """`+20 %`."""
    return f"{percent.normalize():+f} %"


def _written(expression: Expression) -> dict[str, object]:
    match expression:
        case SetStatus(status):
            return {"status": status.value}
        case SetAmount(amount):
            return {"to": str(amount), **_allowance(expression)}
        case ChangePercent(percent, minimum, maximum):
            bounds = {"min": minimum, "max": maximum}
            written = {key: str(bound) for key, bound in bounds.items() if bound is not None}
            return {"change": percent_text(percent), **written, **_allowance(expression)}
        case SetModifier(value):
            return {"to": _number(value)}
        case ChangeModifier(percent, lowest, highest):
            return {"change": percent_text(percent), "min": _number(lowest), "max": _number(highest)}


def parse_expression(document: Json) -> Expression:
    """The expression that `expression_document` wrote; of anything else it raises whatever the reading raises."""
    return capped(_parsed(document), percent_of(document[LARGEST_RAISE]) if LARGEST_RAISE in document else None)


def _parsed(document: Json) -> Expression:
    if "status" in document:
        return SetStatus(Status(document["status"]))
    shared_budget = document.get(SHARED_BUDGET) == _ALLOW
    if "to" in document:
        wanted = document["to"]
        return SetAmount(_money(wanted), shared_budget) if isinstance(wanted, str) else SetModifier(_decimal(wanted))
    percent = percent_of(document["change"])
    minimum, maximum = document.get("min"), document.get("max")
    if isinstance(minimum, int | float):
        return ChangeModifier(percent, _decimal(minimum), _decimal(maximum))
    return ChangePercent(
        percent,
        None if minimum is None else _money(minimum),
        None if maximum is None else _money(maximum),
        shared_budget,
    )


def _number(value: Decimal) -> float:
    return int(value) if value == value.to_integral_value() else float(value)


def _decimal(number: float) -> Decimal:
    """The number as it is written: 0.1 is a tenth."""
    return Decimal(str(number))


def _money(text: str) -> Money:
    amount, currency = text.split(" ")
    return Money(Decimal(amount), currency)


def _allowance(expression: SetAmount | ChangePercent) -> dict[str, object]:
    return {SHARED_BUDGET: _ALLOW} if expression.shared_budget else {}
