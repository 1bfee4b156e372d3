"""What a rule's active hours come to in money: budget-hours (decision 39).

A change in percent is counted in hours of the baseline: 20 % more for five hours are one budget-hour, as much as the
baseline buys in one hour more; 24 of a daily budget are one more day of it. A change down counts below zero. Bounds
(`min`, `max`) are amounts, and the baseline is not known here, so they are left out; the largest step is not.

An absolute amount is counted in itself: 60 EUR for five hours are 300 EUR hours.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import ChangeModifier, ChangePercent, Expression, SetAmount, Target
from weathertrigger.rules.desired import LARGEST_RAISE
from weathertrigger.rules.merge import raises

_SECONDS_PER_HOUR = 3600
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class BudgetHours:
    """What one target comes to: how long it was set, and what that is in hours of the baseline or in an amount.

    Neither: it sets a status, or a modifier that does not count from the baseline.
    """

    target: Target
    time: timedelta
    of_baseline: Decimal | None = None
    amount: Money | None = None


def budget_hours(target: Target, active: timedelta, given_up: timedelta) -> BudgetHours:
    """What may spend more than the baseline was given up for a part of the active time (semantics 2)."""
    time = active - (given_up if raises(target.expression) else timedelta())
    hours = Decimal(time // timedelta(seconds=1)) / _SECONDS_PER_HOUR
    return BudgetHours(target, time, _of_baseline(target.expression, hours), _amount(target.expression, hours))


def _of_baseline(expression: Expression, hours: Decimal) -> Decimal | None:
    if isinstance(expression, ChangePercent | ChangeModifier):
        largest = LARGEST_RAISE if expression.largest_raise is None else expression.largest_raise
        return hours * min(expression.percent, largest) / 100
    return None


def _amount(expression: Expression, hours: Decimal) -> Money | None:
    if isinstance(expression, SetAmount):
        return Money((expression.amount.amount * hours).quantize(_HUNDREDTH), expression.amount.currency)
    return None
