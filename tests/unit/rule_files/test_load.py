"""What a valid file means: domain rules, whatever the spelling; and the bounds of a file."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rule_files.loading import VALID, faults, load, varied
from weathertrigger.domain.condition import (
    All,
    Any,
    Comparator,
    Comparison,
    Flag,
    Membership,
    Not,
    Threshold,
    When,
)
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Ending,
    Entity,
    Expression,
    FieldName,
    Level,
    Mode,
    Otherwise,
    Rule,
    SetAmount,
    SetModifier,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.domain.weather import Metric, WeatherKind, place_at
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rules.rule_documents import rule_document

_WHEN = "{metric: rain, above: 0.5, unit: mm/h}"
_AD_SET = Entity("meta-acme", Level.AD_SET, "23847")


def _rule(text: str) -> Rule:
    (rule,) = load(text).rules
    return rule


def _condition(written: str) -> When:
    return _rule(varied(_WHEN, written)).condition


def _fields(written: str, otherwise: str) -> dict[FieldName, tuple[Expression, Otherwise]]:
    rule = _rule(varied("{status: enabled}\n", f"{written}\n        otherwise: {otherwise}\n"))
    return {target.field: (target.expression, target.otherwise) for target in rule.targets}


def test_a_short_rule_has_the_defaults() -> None:
    """Without a mode a rule runs dry (semantics 27); its name is its id; it ends at the baseline (semantics 18)."""
    assert _rule(VALID) == Rule(
        id="rain",
        owner="user-456",
        name="rain",
        place=place_at(40.69, -74.17),
        condition=Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h"),
        interval=timedelta(minutes=30),
        targets=(Target(_AD_SET, FieldName.STATUS, SetStatus(Status.ENABLED), Ending.BASELINE),),
        priority=0,
        mode=Mode.DRY_RUN,
        enabled=True,
    )


@pytest.mark.parametrize(
    ("written", "minutes"), [("30 min", 30), ("12h", 720), ("24 h", 1440), ("1.5 h", 90), ("300 s", 5)]
)
def test_intervals_in_every_spelling(written: str, minutes: int) -> None:
    """Seconds, minutes and hours, with or without a space."""
    assert _rule(varied("30 min", written)).interval == timedelta(minutes=minutes)


def test_how_late_a_check_may_be() -> None:
    """One interval, unless the rule says less."""
    assert _rule(VALID).catch_up is None
    assert _rule(varied("30 min", "30 min\n    catch_up: 5 min")).catch_up == timedelta(minutes=5)


@pytest.mark.parametrize("written", ["{latitude: 40.691, longitude: -74.169}", "40.69,-74.17", '" 40.69 , -74.17 "'])
def test_places_in_every_spelling_are_one_grid_point(written: str) -> None:
    """A mapping and a pair mean the same place."""
    assert _rule(varied('"40.69,-74.17"', written)).place == place_at(40.69, -74.17)


def test_a_condition_is_the_tree_that_was_written() -> None:
    """Groups nest, comparators of a leaf are ANDed, if_missing settles a leaf (semantics 2 and 6)."""
    written = """
      all:
        - {metric: temperature, below: 25, at_least: 4, unit: F}
        - any: [{metric: is_day, is: true}, {metric: alert, is: false, if_missing: true}]
        - not: {metric: condition, in: [snow, sleet], if_missing: unknown}
        - {metric: condition, not_in: fog, if_missing: false}
        - {metric: uv_index, at_most: 3}"""
    assert _condition(written) == All(
        (
            Comparison(Metric.TEMPERATURE, (Threshold(Comparator.AT_LEAST, 4), Threshold(Comparator.BELOW, 25)), "F"),
            Any((Flag(Metric.IS_DAY, wanted=True), Flag(Metric.ALERT, wanted=False, if_missing=True))),
            Not(Membership(frozenset({WeatherKind.SNOW, WeatherKind.SLEET}))),
            Membership(frozenset({WeatherKind.FOG}), negated=True, if_missing=False),
            Comparison(Metric.UV_INDEX, (Threshold(Comparator.AT_MOST, 3),), "index"),
        )
    )


def test_exactly_five_is_possible() -> None:
    """A range of one number is no impossible range (semantics 6)."""
    written = "{metric: rain, at_least: 5, at_most: 5, unit: mm/h}"
    assert isinstance(_condition(written), Comparison)


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("60 EUR", SetAmount(Money(Decimal(60), "EUR"))),
        ("{to: 60.50EUR}", SetAmount(Money(Decimal("60.5"), "EUR"))),
        ("{change: +20 %}", ChangePercent(Decimal(20))),
        ("{change: -12.5%, min: 5 KWD}", ChangePercent(Decimal("-12.5"), minimum=Money(Decimal(5), "KWD"))),
        ("{change: +1000 %, max: 80 JPY}", ChangePercent(Decimal(1000), maximum=Money(Decimal(80), "JPY"))),
    ],
)
def test_budgets_and_bids_in_every_spelling(written: str, expression: Expression) -> None:
    """Amounts and percentages are exact decimals (semantics 17 and 23)."""
    for field in (field for field in FieldName if field.is_money):
        assert _fields(f"{{{field}: {written}}}", "leave") == {field: (expression, Ending.LEAVE)}


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("1.25", SetModifier(Decimal("1.25"))),
        ("{to: 10}", SetModifier(Decimal(10))),
        ("0.1", SetModifier(Decimal("0.1"))),
        ("{change: +20 %}", ChangeModifier(Decimal(20), Decimal("0.1"), Decimal(10))),
        ("{change: -12.5 %, min: 0.8, max: 1.50}", ChangeModifier(Decimal("-12.5"), Decimal("0.8"), Decimal("1.5"))),
    ],
)
def test_bid_modifiers_in_every_spelling(written: str, expression: Expression) -> None:
    """A location's plain number, without a currency, as an exact decimal; a change always has its bounds."""
    rule = _rule(
        varied('ad_set: "23847"', "location: 111~1006886").replace("status: enabled", f"bid_modifier: {written}")
    )
    (target,) = rule.targets
    assert (target.entity.level, target.entity.id) == (Level.LOCATION, "111~1006886")
    assert (target.field, target.expression) == (FieldName.BID_MODIFIER, expression)


def test_a_shared_budget_may_be_allowed() -> None:
    """Semantics 22: the word of the target reaches its budget and nothing else; without it nothing is allowed."""
    otherwise = "leave\n        shared_budget: allow"
    assert _fields("{status: enabled, daily_budget: 6 EUR}", otherwise) == {
        FieldName.STATUS: (SetStatus(Status.ENABLED), Ending.LEAVE),
        FieldName.DAILY_BUDGET: (SetAmount(Money(Decimal(6), "EUR"), shared_budget=True), Ending.LEAVE),
    }
    change = ChangePercent(Decimal(5), shared_budget=True)
    assert _fields("{daily_budget: {change: +5 %}}", otherwise) == {FieldName.DAILY_BUDGET: (change, Ending.LEAVE)}


def test_an_explicit_status_ends_only_the_status() -> None:
    """Of a target that sets both, the budget goes back to its baseline (semantics 18)."""
    budget, paused = SetAmount(Money(Decimal(6), "EUR")), SetStatus(Status.PAUSED)
    assert _fields("{status: enabled, daily_budget: 6 EUR}", "{status: paused}") == {
        FieldName.STATUS: (SetStatus(Status.ENABLED), paused),
        FieldName.DAILY_BUDGET: (budget, Ending.BASELINE),
    }


def test_ids_may_stand_without_quotes() -> None:
    """A whole number is an id; zeros in front are kept."""
    ids = [_rule(varied('"23847"', written)).targets[0].entity.id for written in ("23847234782374823", "007")]
    assert ids == ["23847234782374823", "007"]


@given(st.lists(strategies.all_rules, min_size=1, max_size=3, unique_by=lambda rule: rule.id))
def test_canonical_rules_load_again(rules: list[Rule]) -> None:
    """What `rule_document` writes is the language of rule files, but for the owner, which stands once."""
    documents = [{key: value for key, value in rule_document(rule).items() if key != "owner"} for rule in rules]
    text = json.dumps({"owner": "user-456", "rules": documents})
    assert load_rules(text, name="rules.json", minimum_interval=timedelta(seconds=1)).rules == tuple(rules)


def _many(count: int) -> str:
    one = VALID.partition("rules:\n")[2]
    return "owner: user-456\nrules:\n" + "".join(one.replace("id: rain", f"id: rain-{n}") for n in range(count))


def test_ten_thousand_rules_load() -> None:
    """The largest file that is allowed loads whole, in its order."""
    rules = load(_many(10_000)).rules
    assert [rule.id for rule in rules] == [f"rain-{n}" for n in range(10_000)]


def test_more_rules_than_that_do_not() -> None:
    """One more is a fault, found without reading them."""
    assert faults(_many(10_001)) == ["line 2, rules: has 10001 rules; write 1 to 10000"]


def test_comparisons_of_a_rule_are_bounded() -> None:
    """200 comparisons are taken, 201 are a fault."""
    leaves = [", ".join([_WHEN] * count) for count in (200, 201)]
    assert faults(varied(_WHEN, f"{{all: [{leaves[0]}]}}")) == []
    assert faults(varied(_WHEN, f"{{all: [{leaves[1]}]}}")) == [
        "line 6, rules[0].when: has 201 comparisons; at most 200 are allowed"
    ]


def test_depth_of_a_condition_is_bounded() -> None:
    """20 levels are taken, 21 are a fault at the level that is too much."""
    depths = ["{not: " * (depth - 1) + _WHEN + "}" * (depth - 1) for depth in (20, 21)]
    assert faults(varied(_WHEN, depths[0])) == []
    assert faults(varied(_WHEN, depths[1])) == [f"line 6, rules[0].when{'.not' * 20}: is nested more than 20 deep"]


def test_targets_of_a_rule_are_bounded() -> None:
    """100 targets are taken, 101 are a fault."""
    lists = [
        ", ".join(f"{{account: a, ad: {n}, set: {{status: paused}}}}" for n in range(count)) for count in (100, 101)
    ]
    head = VALID.partition("    targets:")[0]
    assert faults(f"{head}    targets: [{lists[0]}]") == []
    assert faults(f"{head}    targets: [{lists[1]}]") == ["line 7, rules[0].targets: has 101 targets; write 1 to 100"]
