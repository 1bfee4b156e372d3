"""Conditions as canonical JSON; see `canonical.py`."""

from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.condition import (
    All,
    Any,
    Cases,
    Comparator,
    Comparison,
    Condition,
    Flag,
    Leaf,
    Membership,
    Not,
    Threshold,
    Trend,
    Truth,
    When,
)
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rules.canonical import Document, read_canonical
from weathertrigger.rules.window_documents import over_document, read_over, read_trend, trend_document

# Looking a member up in a dict takes a fifth of the time of calling its enum, and every check of a rule reads several.
_METRICS = {member.value: member for member in Metric}
_COMPARATORS = {member.value: member for member in Comparator}
_KINDS = {member.value: member for member in WeatherKind}


def condition_document(condition: When) -> Document:
    """The condition as JSON: `{"all": [{"metric": "rain", "above": 0.5, "unit": "mm/h"}, ...]}`; those of cases as
    `{"cases": [{"metric": ...}, ...]}`."""
    match condition:
        case Cases(conditions):
            return {"cases": [condition_document(one) for one in conditions]}
        case All(parts):
            return {"all": [condition_document(part) for part in parts]}
        case Any(parts):
            return {"any": [condition_document(part) for part in parts]}
        case Not(part):
            return {"not": condition_document(part)}
        case _:
            return _leaf_document(condition)


def read_condition(document: Json) -> When:
    """The condition that `condition_document` wrote.

    Raises:
        ValueError: not a canonical condition.
    """
    return read_canonical(_when, document, "condition")


def parse_condition(document: Json) -> Condition:
    """A condition that is not one of cases."""
    if "metric" in document:
        return _leaf(document, _METRICS[document["metric"]], document.get("if_missing"))
    if "all" in document:
        return All(tuple(parse_condition(part) for part in document["all"]))
    if "any" in document:
        return Any(tuple(parse_condition(part) for part in document["any"]))
    return Not(parse_condition(document["not"]))


def _when(document: Json) -> When:
    if "cases" in document:
        return Cases(tuple(parse_condition(one) for one in document["cases"]))
    return parse_condition(document)


def _leaf_document(leaf: Leaf) -> Document:
    document: Document = {"metric": Metric.CONDITION.value}
    match leaf:
        case Comparison(metric, thresholds, unit):
            document = {"metric": metric.value, **_threshold_values(thresholds), "unit": unit}
        case Membership(kinds, negated):
            document["not_in" if negated else "in"] = sorted(kind.value for kind in kinds)
        case Flag(metric, wanted):
            document = {"metric": metric.value, "is": wanted}
        case Trend():
            document = trend_document(leaf)
    if not isinstance(leaf, Trend) and leaf.over is not None:
        document["over"] = over_document(leaf.over)
    if isinstance(leaf, Comparison) and leaf.release is not None:
        document["release"] = leaf.release
    if leaf.if_missing is not None:
        document["if_missing"] = leaf.if_missing
    return document


def _threshold_values(thresholds: tuple[Threshold, ...]) -> dict[str, float]:
    values = {threshold.comparator.value: threshold.value for threshold in thresholds}
    if len(values) < len(thresholds):
        raise ValueError(f"one comparator stands twice: {thresholds}")
    return values


def _leaf(document: Json, metric: Metric, if_missing: Truth) -> Condition:
    if "within" in document:
        return read_trend(document, metric, if_missing)
    over = read_over(document["over"]) if "over" in document else None
    if "unit" in document:
        # In the order of the enum, whatever order a database gave the keys.
        thresholds = [Threshold(known, float(document[key])) for key, known in _COMPARATORS.items() if key in document]
        release = float(document["release"]) if "release" in document else None
        return Comparison(metric, tuple(thresholds), document["unit"], if_missing, over, release)
    if "is" in document:
        return Flag(metric, document["is"], if_missing, over)
    negated = "not_in" in document
    kinds = document["not_in" if negated else "in"]
    return Membership(frozenset([_KINDS[kind] for kind in kinds]), negated, if_missing, over)
