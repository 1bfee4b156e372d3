"""A leaf's `rises_by` and `falls_by`, `within` some hours."""

from typing import TypedDict

from marshmallow import ValidationError, validates_schema

from weathertrigger.domain.condition import Direction, Trend, Truth
from weathertrigger.domain.weather import Metric
from weathertrigger.rule_files.scalars import number_from
from weathertrigger.rule_files.sentences import choices, shown
from weathertrigger.rule_files.shapes import shaped
from weathertrigger.rule_files.strict import Read, StrictSchema
from weathertrigger.rule_files.windows import within_from


@shaped({"type": "number", "exclusiveMinimum": 0})
def _amount_from(value: object) -> float:
    amount = number_from(value)
    if amount <= 0:
        raise ValidationError(f"{shown(value)} is not above zero")
    return amount


class TrendWords(TypedDict, total=False):
    """The keys of a leaf that make trends."""

    metric: Metric
    rises_by: float
    falls_by: float
    within: int
    if_missing: Truth


class TrendSchema(StrictSchema):
    """`{metric: temperature, falls_by: 5, unit: C, within: 3 h}`: the part of a comparison that looks back."""

    rises_by = Read(_amount_from)
    falls_by = Read(_amount_from)
    within = Read(within_from)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def trend_is_whole(self, data: TrendWords, original: dict[str, object], **_: object) -> None:
        """A change has its time and is of something that goes up and down."""
        ways = [way for way in Direction if way in original]
        if not ways:
            if "within" in original:
                raise ValidationError({"within": [f"belongs to {choices(Direction)}"]})
            return
        if data["metric"] is Metric.WIND_DIRECTION:
            raise ValidationError({ways[0]: ["wind_direction goes round in a circle: it does not rise or fall"]})
        if "over" in original:
            raise ValidationError({"over": [f"does not go with {ways[0]}; write two conditions"]})
        if "within" not in original:
            raise ValidationError({"within": ["is missing; write how far to look back, for example 3 h"]})


def trends_of(data: TrendWords, unit: str) -> list[Trend]:
    """The trends that a valid comparison holds, rises before falls."""
    amounts = {Direction.RISES: data.get("rises_by"), Direction.FALLS: data.get("falls_by")}
    return [
        Trend(data["metric"], way, amount, unit, data["within"], data.get("if_missing"))
        for way, amount in amounts.items()
        if amount is not None
    ]
