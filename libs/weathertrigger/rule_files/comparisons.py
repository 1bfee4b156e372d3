"""The leaves of a condition: a metric held against thresholds, kinds of weather, or yes and no; now or in a window."""

import math
from collections.abc import Iterable
from typing import TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.condition import (
    All,
    Comparator,
    Comparison,
    Direction,
    Flag,
    Leaf,
    Membership,
    Over,
    Threshold,
    Truth,
)
from weathertrigger.domain.units import CANONICAL_UNITS, units_of, units_of_sum
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rule_files.cells import typed
from weathertrigger.rule_files.scalars import number_from, word_of, yes_or_no_from
from weathertrigger.rule_files.sentences import choices, shown
from weathertrigger.rule_files.shapes import TEXT, Json, Writer, either, items, one_of, shaped, taken_by
from weathertrigger.rule_files.strict import Read, StrictSchema, each
from weathertrigger.rule_files.trends import TrendSchema, TrendWords, trends_of
from weathertrigger.rule_files.windows import over_from, refuse_unsuited

metric_from = word_of(Metric, "a metric")
_kind_from = word_of(WeatherKind, "a kind of weather")


@shaped({"enum": [True, False, "unknown"]})
def _truth_from(value: object) -> Truth:
    value = typed(value)
    if isinstance(value, bool):
        return value
    if value == "unknown":
        return None
    raise ValidationError(f"{shown(value)} is not true, false or unknown")


@shaped(TEXT)
def _unit_from(value: object) -> object:
    return str(value) if isinstance(value, str) else value  # judged with the metric, by `unit_fits`


@shaped(either(taken_by(_kind_from), items(taken_by(_kind_from), minItems=1, maxItems=len(WeatherKind))))
def _kinds_from(value: object) -> frozenset[WeatherKind]:
    if not isinstance(value, list):
        return frozenset({_kind_from(value)})
    if not 0 < len(value) <= len(WeatherKind):
        raise ValidationError(f"names {len(value)} kinds of weather; write 1 to {len(WeatherKind)}")
    return frozenset(each(value, _kind_from))


class _Words(TypedDict, total=False):
    metric: Metric
    if_missing: Truth
    over: Over


class _LeafSchema(StrictSchema):
    metric = Read(metric_from, required=True)
    if_missing = Read(_truth_from)
    over = Read(over_from)

    @validates_schema(skip_on_field_errors=False)
    def window_suits(self, data: _Words, **_: object) -> None:
        """The window makes something that the metric has."""
        if "over" in data:
            refuse_unsuited(data["metric"], data["over"])


class _Numbers(TrendWords, total=False):
    above: float
    at_least: float
    below: float
    at_most: float
    unit: str
    over: Over
    release: float


class ComparisonSchema(TrendSchema, _LeafSchema):
    """`{metric: rain, above: 0.5, unit: mm/h}`; several comparators must all hold, and trends with them."""

    above = Read(number_from)
    at_least = Read(number_from)
    below = Read(number_from)
    at_most = Read(number_from)
    release = Read(number_from)
    unit = Read(_unit_from)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def unit_fits(self, data: _Numbers, original: dict[str, object], **_: object) -> None:
        """The unit is one of the metric's, or of its sums; only an index may go without."""
        metric, unit, over = data["metric"], original.get("unit"), data.get("over")
        rates, amounts = units_of(metric), units_of_sum(metric)
        known = amounts if over and over.adds_up else rates
        if not known or ("over" in original and not over):
            return  # the window has its fault already
        if unit in known or (unit is None and ("unit" in original or metric is Metric.UV_INDEX)):
            return  # a unit without a value has its fault already
        if unit is None:
            sentence = f"is missing; write the unit of {metric}: {choices(known)}"
        elif unit in rates:
            sentence = f"{unit} summed over hours is {str(unit).removesuffix('/h')}; use {choices(known)}"
        elif unit in amounts:
            sentence = f"{unit} is a unit of sums; use {choices(known)}, or take: sum over a window"
        else:
            sentence = f"{shown(unit)} is not a unit of {metric}; use {choices(known)}"
        raise ValidationError({"unit": [sentence]})

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def can_hold(self, data: _Numbers, original: dict[str, object], **_: object) -> None:
        """There is a threshold, and a number that passes all of them."""
        if not any(word in original for word in (*Comparator, *Direction)):
            raise ValidationError(f"has no threshold; write {choices((*Comparator, *Direction))}")
        low = max(data.get("above", -math.inf), data.get("at_least", -math.inf))
        high = min(data.get("below", math.inf), data.get("at_most", math.inf))
        touching = low == high and data.get("above") != low and data.get("below") != high
        if low >= high and not touching:
            bounds = [f"{comparator} {data[comparator.value]:g}" for comparator in Comparator if comparator in data]
            raise ValidationError(f"can never be true: no number is {' and '.join(bounds)}")

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def release_fits(self, data: _Numbers, original: dict[str, object], **_: object) -> None:
        """A release is of one threshold, and leaves room on its side of it (semantics 7)."""
        if "release" not in original:
            return
        ways = [word for word in (*Comparator, *Direction) if word in original]
        if len(ways) != 1 or ways[0] in tuple(Direction):
            found = f"; here {'is' if len(ways) == 1 else 'are'} {' and '.join(ways)}" if ways else ""
            raise ValidationError({"release": [f"goes with one of {choices(Comparator)}, and nothing else{found}"]})
        threshold, release = data.get(ways[0].value), data.get("release")
        if not isinstance(threshold, float) or release is None:
            return  # one of them has its fault already
        rising = ways[0] in (Comparator.ABOVE, Comparator.AT_LEAST)
        if release == threshold or (release > threshold) is rising:
            room = f"{'below' if rising else 'above'} {threshold:g}"
            raise ValidationError({"release": [f"{release:g} is on the wrong side; write a number {room}"]})

    @post_load
    def to_condition(self, data: _Numbers, **_: object) -> Leaf | All:
        """The leaf with its thresholds in the comparators' order; with trends, all of them."""
        thresholds = tuple(Threshold(known, data[known.value]) for known in Comparator if known.value in data)
        unit = data.get("unit", CANONICAL_UNITS[data["metric"]])
        parts: list[Leaf] = [*trends_of(data, unit)]
        if thresholds:
            settled, over, release = data.get("if_missing"), data.get("over"), data.get("release")
            parts.insert(0, Comparison(data["metric"], thresholds, unit, settled, over, release))
        return parts[0] if len(parts) == 1 else All(tuple(parts))


class _Kinds(_Words, total=False):
    kinds: frozenset[WeatherKind]
    other_kinds: frozenset[WeatherKind]


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
        kinds = data["other_kinds"] if negated else data["kinds"]
        return Membership(kinds, negated, data.get("if_missing"), data.get("over"))


class _YesNo(_Words, total=False):
    wanted: bool


class FlagSchema(_LeafSchema):
    """`{metric: is_day, is: true}`."""

    wanted = Read(yes_or_no_from, key="is", required=True)

    @post_load
    def to_flag(self, data: _YesNo, **_: object) -> Flag:
        """The leaf on a yes or no."""
        return Flag(data["metric"], data["wanted"], data.get("if_missing"), data.get("over"))


_COMPARISON, _MEMBERSHIP, _FLAG = ComparisonSchema(), MembershipSchema(), FlagSchema()


def _leaf_shape(writer: Writer) -> Json:
    """The keys that go with the metric, and its units."""

    def where(metrics: Iterable[Metric], then: Json) -> Json:
        return {"if": {"properties": {"metric": one_of(metrics)}, "required": ["metric"]}, "then": then}

    comparators = {"anyOf": [{"required": [word.value]} for word in (*Comparator, *Direction)]}
    ways = {"oneOf": [{"required": ["in"]}, {"required": ["not_in"]}]}
    flags = [metric for metric in Metric if metric not in {*CANONICAL_UNITS, Metric.CONDITION}]
    kinds_of_leaf = [
        where(CANONICAL_UNITS, writer.mapping(_COMPARISON, **comparators)),
        where([Metric.CONDITION], writer.mapping(_MEMBERSHIP, **ways)),
        where(flags, writer.mapping(_FLAG)),
    ]
    units = [
        where([metric], {"properties": {"unit": writer.value(one_of((*units_of(metric), *units_of_sum(metric))))}})
        for metric in CANONICAL_UNITS
    ]
    metric = {"metric": writer.value(taken_by(metric_from))}
    return {"type": "object", "properties": metric, "required": ["metric"], "allOf": [*kinds_of_leaf, *units]}


def comparisons_in(value: dict[str, object]) -> int:
    """How many comparisons a leaf will make, whether it is valid or not."""
    thresholds = any(comparator in value for comparator in Comparator)
    return max(1, thresholds + sum(way in value for way in Direction))


@shaped(_leaf_shape)
def leaf_from(value: dict[str, object]) -> Leaf | All:
    """A leaf, in the form that its metric asks for; one with thresholds and trends is all of them.

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
    leaf: Leaf | All = schema.read(value)
    return leaf
