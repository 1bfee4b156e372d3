"""The canonical JSON of rules: what is written is read back, and equal rules have equal documents."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.condition import (
    Comparator,
    Comparison,
    Condition,
    DaySpan,
    Direction,
    HourSpan,
    Over,
    Take,
    Threshold,
    Trend,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.rule import Expression, Otherwise, Rule, SetStatus, Target
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.condition_documents import condition_document, read_condition
from weathertrigger.rules.expression_documents import capped, expression_document, read_expression
from weathertrigger.rules.rule_documents import read_rule, rule_document
from weathertrigger.rules.target_documents import otherwise_document, read_otherwise, read_target, target_document

_READERS: list[Callable[[object], object]] = [
    read_condition,
    read_expression,
    read_otherwise,
    read_target,
    read_rule,
]
_KEYS = [
    "metric",
    "unit",
    "above",
    "all",
    "not",
    "set",
    "status",
    "change",
    "over",
    "from",
    "to",
    "days",
    "each_day",
    "take",
    "at_least",
    "rises_by",
    "within",
]
_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.sampled_from(["baseline", "+1 %", "1 EUR", "nan %", "rain", "mm/h", "+1 h", "max"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(
            st.one_of(st.text(), st.sampled_from(_KEYS)),
            inner,
        ),
    ),
    max_leaves=8,
)


def _stored(document: object) -> object:
    """The document as PostgreSQL gives it back from JSONB: another order of keys."""
    return orjson.loads(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))


@given(strategies.conditions)
def test_a_condition_survives_the_database(condition: Condition) -> None:
    """A condition is read back as it was, whatever order the database gives its keys."""
    assert read_condition(_stored(condition_document(condition))) == condition


@given(strategies.expressions)
def test_an_expression_survives_the_database(expression: Expression) -> None:
    """Statuses, amounts and percentages are read back exactly, to the last decimal."""
    assert read_expression(_stored(expression_document(expression))) == expression


@given(strategies.otherwises)
def test_an_otherwise_survives_the_database(otherwise: Otherwise) -> None:
    """Baseline, leave and an explicit status are read back."""
    assert read_otherwise(_stored(otherwise_document(otherwise))) == otherwise


@given(strategies.targets)
def test_a_target_survives_the_database(target: Target) -> None:
    """A target is read back with its entity, field, expression and otherwise."""
    assert read_target(_stored(target_document(target))) == target


@given(strategies.all_rules, st.integers(1, 1000))
def test_a_rule_survives_the_database(rule: Rule, version: int) -> None:
    """A rule is read back whole; its version is kept beside the document."""
    document = rule_document(replace(rule, version=version))
    assert read_rule(_stored(document), version=version) == replace(rule, version=version)


@given(strategies.all_rules)
def test_documents_of_one_rule_are_the_same_text(rule: Rule) -> None:
    """Writing, reading and writing again gives the same JSON, key by key."""
    text = json.dumps(rule_document(rule))
    assert json.dumps(rule_document(read_rule(json.loads(text)))) == text


@given(_JSON)
def test_a_foreign_document_is_a_value_error(document: object) -> None:
    """A document that cannot be read raises ValueError, never another error."""
    for reader in _READERS:
        try:
            reader(document)
        except ValueError as error:
            assert "not a canonical" in str(error)  # noqa: PT017 - some documents may be read


def test_a_document_says_what_a_rules_file_would() -> None:
    """The canonical form of a leaf is the leaf as a person writes it."""
    leaf = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h", if_missing=False)
    expected = {"metric": "rain", "above": 0.5, "unit": "mm/h", "if_missing": False}
    assert condition_document(leaf) == expected


def test_a_window_and_a_trend_are_written_as_a_person_would() -> None:
    """Hours with their signs, days as a list; a trend's `within` in hours."""
    rain = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.2),), "mm/h", over=Over(HourSpan(-3, 0), Take.ANY))
    assert condition_document(rain)["over"] == {"from": "-3 h", "to": "+0 h", "take": "any"}
    days = Over(DaySpan(0, 2, EachDay.MAX), Take.ALL)
    document = condition_document(replace(rain, over=days))
    assert document["over"] == {"days": [0, 2], "each_day": "max", "take": "all"}
    trend = Trend(Metric.TEMPERATURE, Direction.FALLS, 5.0, "C", 3, if_missing=False)
    expected = {"metric": "temperature", "falls_by": 5.0, "unit": "C", "within": "3 h", "if_missing": False}
    assert condition_document(trend) == expected


def test_a_comparator_that_stands_twice_is_not_dropped() -> None:
    """A leaf that JSON cannot hold is refused instead of losing a threshold."""
    twice = (Threshold(Comparator.ABOVE, 1.0), Threshold(Comparator.ABOVE, 2.0))
    with pytest.raises(ValueError, match="stands twice"):
        condition_document(Comparison(Metric.RAIN, twice, "mm/h"))


@given(strategies.expressions, strategies.percents)
def test_an_expression_keeps_its_cap_where_it_stands_without_its_rule(expression: Expression, percent: Decimal) -> None:
    """Semantics 22: what is stored beside a field says how far it may be raised."""
    with_cap = capped(expression, abs(percent))
    document = orjson.loads(orjson.dumps(expression_document(with_cap)))
    assert read_expression(document) == with_cap
    assert ("largest_raise" in document) is not isinstance(expression, SetStatus)
