"""The absolute value that an expression means, given the baseline (semantics 16, 17, 22).

Nothing relative ever leaves the engine, and a percentage is always of the baseline, so it cannot compound.
"""

from dataclasses import dataclass
from decimal import Decimal

from weathertrigger.domain.money import Money, MoneyCodec
from weathertrigger.domain.rule import ChangePercent, Expression, SetAmount, SetStatus

LARGEST_STEP = Decimal(2)
"""A percentage never takes an amount above this many times its baseline."""


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


def _changed(expression: ChangePercent, baseline: Money, codec: MoneyCodec) -> Desired:
    wanted = baseline.amount * (1 + expression.percent / 100)
    amount = max(wanted, expression.minimum.amount) if expression.minimum else wanted
    if expression.maximum:
        amount = min(amount, expression.maximum.amount)
    amount = min(amount, baseline.amount * LARGEST_STEP)  # last: no bound of a rule lifts the largest step
    value = codec.encode(Money(amount, baseline.currency))
    result = codec.decode(value, baseline.currency)
    sign = "-" if expression.percent < 0 else "+"
    arithmetic = f"{result} = baseline {baseline} {sign} {abs(expression.percent):f} %"
    clamped = amount != wanted
    return Desired(value, f"{arithmetic}, clamped" if clamped else arithmetic, clamped)
