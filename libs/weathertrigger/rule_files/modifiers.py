"""A wanted bid modifier: a plain number, or a change from the baseline with its bounds."""

from decimal import Decimal
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.bid_modifier import HIGHEST, LOWEST, STEP, as_text
from weathertrigger.domain.rule import ChangeModifier, SetModifier
from weathertrigger.rule_files.amounts import percent_from
from weathertrigger.rule_files.one_way import ONE_WAY, OneWaySchema
from weathertrigger.rule_files.scalars import number_from
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.shapes import NUMBER, either, shaped, taken_by
from weathertrigger.rule_files.strict import Read


@shaped(NUMBER)
def _number_from(value: object) -> Decimal:
    """A modifier in whole percents, within what a platform takes."""
    number = Decimal(str(number_from(value)))
    if not LOWEST <= number <= HIGHEST:
        raise ValidationError(f"{shown(value)} is not between {LOWEST} and {HIGHEST}; 1 leaves the bids as they are")
    if number % STEP:
        raise ValidationError(f"{shown(value)} has more than two decimals")
    return Decimal(as_text(number))


class _Wanted(TypedDict, total=False):
    to: Decimal
    change: Decimal
    minimum: Decimal
    maximum: Decimal


class ModifierSchema(OneWaySchema):
    """`{to: 1.25}` or `{change: +20 %, min: 0.8, max: 1.5}`."""

    to = Read(_number_from)
    change = Read(percent_from)
    minimum = Read(_number_from, key="min", default=LOWEST)
    maximum = Read(_number_from, key="max", default=HIGHEST)

    @validates_schema
    def bounds_fit(self, data: _Wanted, **_: object) -> None:
        """The smallest is not above the largest."""
        if data["minimum"] > data["maximum"]:
            raise ValidationError(f"min {data['minimum']} is above max {data['maximum']}")

    @post_load
    def to_expression(self, data: _Wanted, **_: object) -> SetModifier | ChangeModifier:
        """The expression that a target carries."""
        if "to" in data:
            return SetModifier(data["to"])
        return ChangeModifier(data["change"], data["minimum"], data["maximum"])


_MODIFIER = ModifierSchema()


@shaped(either(taken_by(_number_from), lambda writer: writer.mapping(_MODIFIER, **ONE_WAY)))
def modifier_from(value: object) -> SetModifier | ChangeModifier:
    """A bid modifier in any of its forms.

    Raises:
        ValidationError: every fault of it.
    """
    if isinstance(value, dict):
        expression: SetModifier | ChangeModifier = _MODIFIER.read(value)
        return expression
    if isinstance(value, str) and value.rstrip().endswith("%"):
        raise ValidationError(f"a change is written {{change: {value.strip()[:20]}}}")
    return SetModifier(_number_from(value))
