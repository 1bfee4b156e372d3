"""The leaves of a condition: one metric held against thresholds, kinds of weather, or yes and no."""

import math
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.condition import Comparator, Comparison, Flag, Leaf, Membership, Threshold, Truth
from weathertrigger.domain.units import CANONICAL_UNITS, units_of
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rule_files.scalars import number_from, word_of, yes_or_no_from
from weathertrigger.rule_files.sentences import choices, shown
from weathertrigger.rule_files.strict import Read, StrictSchema, each

metric_from = word_of(Metric, "a metric")
_kind_from = word_of(WeatherKind, "a kind of weather")


def _truth_from(value: object) -> Truth:
    if isinstance(value, bool):
        return value
    if value == "unknown":
        return None
    raise ValidationError(f"{shown(value)} is not true, false or unknown")


def _unit_from(value: object) -> object:
    return value  # judged with the metric, by `unit_fits`


def _kinds_from(value: object) -> frozenset[WeatherKind]:
    if not isinstance(value, list):
        return frozenset({_kind_from(value)})
    if not 0 < len(value) <= len(WeatherKind):
        raise ValidationError(f"names {len(value)} kinds of weather; write 1 to {len(WeatherKind)}")
    return frozenset(each(value, _kind_from))


class _LeafSchema(StrictSchema):
    not_yet = frozenset({"release", "over", "rises_by", "falls_by", "within"})

    metric = Read(metric_from, required=True)
    if_missing = Read(_truth_from)


class _Numbers(TypedDict, total=False):
    metric: Metric
    above: float
    at_least: float
    below: float
    at_most: float
    unit: str
    if_missing: Truth


class ComparisonSchema(_LeafSchema):
    """`{metric: rain, above: 0.5, unit: mm/h}`; several comparators must all hold."""

    above = Read(number_from)
    at_least = Read(number_from)
    below = Read(number_from)
    at_most = Read(number_from)
    unit = Read(_unit_from)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def unit_fits(self, data: _Numbers, original: dict[str, object], **_: object) -> None:
        """The unit is one of the metric's; only an index may go without."""
        metric, unit = data["metric"], original.get("unit")
        known = units_of(metric)
        if unit in known or (unit is None and ("unit" in original or metric is Metric.UV_INDEX)):
            return  # a unit without a value has its fault already
        if unit is None:
            raise ValidationError({"unit": [f"is missing; write the unit of {metric}: {choices(known)}"]})
        raise ValidationError({"unit": [f"{shown(unit)} is not a unit of {metric}; use {choices(known)}"]})

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def can_hold(self, data: _Numbers, original: dict[str, object], **_: object) -> None:
        """There is a threshold, and a number that passes all of them."""
        if not any(comparator in original for comparator in Comparator):
            raise ValidationError(f"has no threshold; write {choices(Comparator)}")
        low = max(data.get("above", -math.inf), data.get("at_least", -math.inf))
        high = min(data.get("below", math.inf), data.get("at_most", math.inf))
        touching = low == high and data.get("above") != low and data.get("below") != high
        if low >= high and not touching:
            bounds = [f"{comparator} {data[comparator.value]:g}" for comparator in Comparator if comparator in data]
            raise ValidationError(f"can never be true: no number is {' and '.join(bounds)}")

    @post_load
    def to_comparison(self, data: _Numbers, **_: object) -> Comparison:
        """The leaf with its thresholds in the comparators' order."""
        thresholds = tuple(Threshold(known, data[known.value]) for known in Comparator if known.value in data)
        unit = data.get("unit", CANONICAL_UNITS[data["metric"]])
        return Comparison(data["metric"], thresholds, unit, data.get("if_missing"))


class _Kinds(TypedDict, total=False):
    metric: Metric
    kinds: frozenset[WeatherKind]
    other_kinds: frozenset[WeatherKind]
    if_missing: Truth


class MembershipSchema(_LeafSchema):
    """`{metric: condition, in: [snow, sleet]}` or `not_in`."""

    kinds = Read(_kinds_from, key="in")
    other_kinds = Read(_kinds_from, key="not_in")

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def one_way(self, _data: _Kinds, original: dict[str, object], **_: object) -> None:
        """Exactly one of `in` and `not_in`."""
        if ("in" in original) == ("not_in" in original):
            raise ValidationError("needs exactly one of in or not_in")

    @post_load
    def to_membership(self, data: _Kinds, **_: object) -> Membership:
        """The leaf on the kinds of weather."""
        negated = "other_kinds" in data
        return Membership(data["other_kinds"] if negated else data["kinds"], negated, data.get("if_missing"))


class _YesNo(TypedDict, total=False):
    metric: Metric
    wanted: bool
    if_missing: Truth


class FlagSchema(_LeafSchema):
    """`{metric: is_day, is: true}`."""

    wanted = Read(yes_or_no_from, key="is", required=True)

    @post_load
    def to_flag(self, data: _YesNo, **_: object) -> Flag:
        """The leaf on a yes or no."""
        return Flag(data["metric"], data["wanted"], data.get("if_missing"))


_COMPARISON, _MEMBERSHIP, _FLAG = ComparisonSchema(), MembershipSchema(), FlagSchema()


def leaf_from(value: dict[str, object]) -> Leaf:
    """A leaf, in the form that its metric asks for.

    Raises:
        ValidationError: every fault of the leaf.
    """
    try:
        metric = metric_from(value["metric"])
    except ValidationError as error:
        raise ValidationError({"metric": error.messages}) from error
    if metric in CANONICAL_UNITS:
        schema: _LeafSchema = _COMPARISON
    else:
        schema = _MEMBERSHIP if metric is Metric.CONDITION else _FLAG
    leaf: Leaf = schema.read(value)
    return leaf
