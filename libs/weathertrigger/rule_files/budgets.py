"""A wanted budget or bid: an amount, or a change from the baseline with its bounds."""

from decimal import Decimal
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import ChangePercent, SetAmount
from weathertrigger.rule_files.amounts import money_from, percent_from
from weathertrigger.rule_files.one_way import ONE_WAY, OneWaySchema
from weathertrigger.rule_files.shapes import either, shaped, taken_by
from weathertrigger.rule_files.strict import Read


class _Wanted(TypedDict, total=False):
    to: Money
    change: Decimal
    minimum: Money
    maximum: Money


class BudgetSchema(OneWaySchema):
    """`{to: 60.00 EUR}` or `{change: +20 %, min: 30.00 EUR, max: 80.00 EUR}`."""

    to = Read(money_from)
    change = Read(percent_from)
    minimum = Read(money_from, key="min")
    maximum = Read(money_from, key="max")

    @validates_schema(skip_on_field_errors=False)
    def bounds_fit(self, data: _Wanted, **_: object) -> None:
        """The smallest is not above the largest, in the same currency."""
        if "minimum" not in data or "maximum" not in data:
            return
        if data["minimum"].currency != data["maximum"].currency:
            raise ValidationError("min and max are in different currencies")
        if data["minimum"].amount > data["maximum"].amount:
            raise ValidationError(f"min {data['minimum']} is above max {data['maximum']}")

    @post_load
    def to_expression(self, data: _Wanted, **_: object) -> SetAmount | ChangePercent:
        """The expression that a target carries."""
        if "to" in data:
            return SetAmount(data["to"])
        return ChangePercent(data["change"], data.get("minimum"), data.get("maximum"))


_BUDGET = BudgetSchema()


@shaped(either(taken_by(money_from), lambda writer: writer.mapping(_BUDGET, **ONE_WAY)))
def budget_from(value: object) -> SetAmount | ChangePercent:
    """A budget or a bid in any of its forms.

    Raises:
        ValidationError: every fault of it.
    """
    if isinstance(value, dict):
        expression: SetAmount | ChangePercent = _BUDGET.read(value)
        return expression
    if isinstance(value, str) and value.rstrip().endswith("%"):
        raise ValidationError(f"a change is written {{change: {value.strip()[:20]}}}")
    return SetAmount(money_from(value))
