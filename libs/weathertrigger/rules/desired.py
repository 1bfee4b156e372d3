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

LARGEST_RAISE = Decimal(100)
"""Unless its rule says otherwise, a percentage takes a value so many per cent above its baseline at most."""

_NO_BOUND = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Desired:
    """The value in the platform's own form, how it came about, and whether a cap cut it."""

    value: str
    arithmetic: str
    clamped: bool = False


def desired_value(
    expression: Expression, baseline: str, *, currency: str, codec: MoneyCodec, room: Decimal | None = None
) -> Desired:
    """What the field should be. `baseline` is in the platform's form, `currency` is the account's; `room` is by how
    much, in major units, it may be raised at all (None: by anything)."""
    match expression:
        case SetStatus(status):
            return Desired(status.value, status.value)
        case SetAmount() | ChangePercent():
            return _amount(expression, codec.decode(baseline, currency), codec, room)
        case SetModifier() | ChangeModifier():
            return _modifier(expression, Decimal(baseline))


def _amount(expression: SetAmount | ChangePercent, baseline: Money, codec: MoneyCodec, room: Decimal | None) -> Desired:
    wanted = _wanted(expression, baseline)
    amount = wanted.amount
    if isinstance(expression, ChangePercent) and expression.minimum:
        amount = max(amount, expression.minimum.amount)
    highest = _highest(expression, baseline.amount, room)  # last: no bound of a rule lifts the largest raise
    amount = min(amount, highest)
    value = codec.encode(Money(amount, baseline.currency))
    if codec.decode(value, baseline.currency).amount > highest:
        value, amount = codec.encode(Money(highest, baseline.currency), down=True), highest
    result, clamped = codec.decode(value, baseline.currency), amount != wanted.amount
    if isinstance(expression, ChangePercent):
        return _written_out(value, f"{result} = baseline {baseline}", expression.percent, clamped=clamped)
    return Desired(value, f"{result} for {wanted}, baseline {baseline}, clamped" if clamped else str(wanted), clamped)


def _highest(expression: SetAmount | ChangePercent, baseline: Decimal, room: Decimal | None) -> Decimal:
    """Above which nothing goes, not by rounding either: `max`, the largest raise, the room of the account's day."""
    bounds = [_capped(_NO_BOUND, expression, baseline)]
    if isinstance(expression, ChangePercent) and expression.maximum:
        bounds.append(expression.maximum.amount)
    if room is not None:
        bounds.append(baseline + max(room, Decimal(0)))
    return min(bounds)


def _wanted(expression: SetAmount | ChangePercent, baseline: Money) -> Money:
    if isinstance(expression, SetAmount):
        return expression.amount
    return Money(baseline.amount * (1 + expression.percent / 100), baseline.currency)


def _capped(
    wanted: Decimal, expression: SetAmount | ChangePercent | SetModifier | ChangeModifier, baseline: Decimal
) -> Decimal:
    """A percentage goes to twice the baseline at most, unless its rule has another cap; what a person wrote as a number
    is capped only where the rule says so."""
    is_change = isinstance(expression, ChangePercent | ChangeModifier)
    largest = LARGEST_RAISE if expression.largest_raise is None and is_change else expression.largest_raise
    return wanted if largest is None else min(wanted, baseline * (1 + largest / 100))


def _modifier(expression: SetModifier | ChangeModifier, baseline: Decimal) -> Desired:
    if isinstance(expression, SetModifier):
        bounded = wanted = expression.value
    else:
        wanted = (baseline * (1 + expression.percent / 100)).quantize(bid_modifier.STEP, ROUND_HALF_UP)
        bounded = min(max(wanted, expression.minimum), expression.maximum)
    capped = _capped(bounded, expression, baseline)
    modifier = bounded if capped == bounded else capped.quantize(bid_modifier.STEP, ROUND_DOWN)
    value, clamped = bid_modifier.as_text(modifier), modifier != wanted
    equation = f"{value} = baseline {bid_modifier.as_text(baseline)}"
    if isinstance(expression, ChangeModifier):
        return _written_out(value, equation, expression.percent, clamped=clamped)
    said = f"{value} for {bid_modifier.as_text(wanted)}, baseline {bid_modifier.as_text(baseline)}, clamped"
    return Desired(value, said if clamped else value, clamped)


def _written_out(value: str, equation: str, percent: Decimal, *, clamped: bool) -> Desired:
    arithmetic = f"{equation} {'-' if percent < 0 else '+'} {abs(percent):f} %"
    return Desired(value, f"{arithmetic}, clamped" if clamped else arithmetic, clamped)
