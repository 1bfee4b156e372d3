"""What active hours come to in money (decision 39)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Entity,
    Expression,
    FieldName,
    Level,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.rules.budget_hours import BudgetHours, budget_hours

_ACTIVE, _GIVEN_UP = timedelta(hours=10), timedelta(hours=4)


def of(expression: Expression, active: timedelta = _ACTIVE, given_up: timedelta = _GIVEN_UP) -> BudgetHours:
    target = Target(Entity("google-acme", Level.CAMPAIGN, "111"), FieldName.DAILY_BUDGET, expression)
    return budget_hours(target, active, given_up)


@pytest.mark.parametrize(
    ("expression", "hours", "of_baseline", "amount"),
    [
        (ChangePercent(Decimal(20)), 6, "1.2", None),
        (ChangePercent(Decimal(-25)), 10, "-2.5", None),
        (ChangePercent(Decimal(-25), minimum=Money(Decimal(30), "EUR")), 6, "-1.5", None),
        (ChangePercent(Decimal(300)), 6, "6", None),
        (ChangeModifier(Decimal(50)), 6, "3", None),
        (SetAmount(Money(Decimal("60.50"), "EUR")), 6, None, "363.00 EUR"),
        (SetModifier(Decimal("1.2")), 6, None, None),
        (SetStatus(Status.ENABLED), 10, None, None),
    ],
)
def test_what_a_target_comes_to(
    expression: Expression, hours: int, of_baseline: str | None, amount: str | None
) -> None:
    """Semantics 2, 17, 22 and 34: hours of the baseline, at most one for each hour since a raise ends at twice the
    baseline; what may be a raise was given up while there was no data."""
    found = of(expression)
    assert found.time == timedelta(hours=hours)
    assert found.of_baseline == (None if of_baseline is None else Decimal(of_baseline))
    assert (found.amount and str(found.amount)) == amount


def test_minutes_count() -> None:
    """An hour and a quarter at 60 EUR are 75 EUR hours."""
    found = of(SetAmount(Money(Decimal(60), "EUR")), timedelta(minutes=75), timedelta())
    assert str(found.amount) == "75.00 EUR"
