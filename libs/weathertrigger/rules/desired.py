"""The absolute value that an expression means, given the baseline (semantics 16, 17, 22).

Nothing relative ever leaves the engine, and a percentage is always of the baseline, so it cannot compound.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from weathertrigger.domain import bid_modifier
from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Expression,
    SetAmount,
    SetModifier,
    SetStatus,
)

LARGEST_STEP = Decimal(2)
"""A percentage never takes a budget, a bid or a bid modifier above this many times its baseline."""


@dataclass(frozen=True, slots=True)
class Desired:
    """The value in the platform's own form, how it came about, and whether a cap cut it."""

    value: str
    arithmetic: str
    clamped: bool = False


def desired_value(expression: Expression, baseline: str, *, currency: str, codec: MoneyCodec) -> Desired:
    """What the field should be. `baseline` is in the platform's form, `currency` is the account's."""
    match expression:
        case SetStatus(status):
            return Desired(status.value, status.value)
        case SetAmount(amount):
            return Desired(codec.encode(amount), str(amount))
        case ChangePercent():
            return _changed(expression, codec.decode(baseline, currency), codec)
        case SetModifier(value):
            text = bid_modifier.as_text(value)
            return Desired(text, text)
        case ChangeModifier():
            return _scaled(expression, Decimal(baseline))


def _changed(expression: ChangePercent, baseline: Money, codec: MoneyCodec) -> Desired:
    wanted = baseline.amount * (1 + expression.percent / 100)
    amount = max(wanted, expression.minimum.amount) if expression.minimum else wanted
    if expression.maximum:
        amount = min(amount, expression.maximum.amount)
    amount = min(amount, baseline.amount * LARGEST_STEP)  # last: no bound of a rule lifts the largest step
    value = codec.encode(Money(amount, baseline.currency))
    result = codec.decode(value, baseline.currency)
    return _written_out(value, f"{result} = baseline {baseline}", expression.percent, clamped=amount != wanted)


def _scaled(expression: ChangeModifier, baseline: Decimal) -> Desired:
    wanted = (baseline * (1 + expression.percent / 100)).quantize(bid_modifier.STEP, ROUND_HALF_UP)
    largest = (baseline * LARGEST_STEP).quantize(bid_modifier.STEP, ROUND_DOWN)
    modifier = min(max(wanted, expression.minimum), expression.maximum, largest)
    value = bid_modifier.as_text(modifier)
    equation = f"{value} = baseline {bid_modifier.as_text(baseline)}"
    return _written_out(value, equation, expression.percent, clamped=modifier != wanted)


def _written_out(value: str, equation: str, percent: Decimal, *, clamped: bool) -> Desired:
    arithmetic = f"{equation} {'-' if percent < 0 else '+'} {abs(percent):f} %"
    return Desired(value, f"{arithmetic}, clamped" if clamped else arithmetic, clamped)
