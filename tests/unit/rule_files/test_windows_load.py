"""What valid windows and trends mean, whatever the spelling."""

import pytest

from tests.unit.rule_files.loading import load, varied
from weathertrigger.domain.condition import (
    All,
    Comparator,
    Comparison,
    DaySpan,
    Direction,
    Flag,
    HourSpan,
    Membership,
    Over,
    Take,
    Threshold,
    Trend,
    When,
)
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.rules.needs import Needs, needs_of

_WHEN = "{metric: rain, above: 0.5, unit: mm/h}"
_WARM = (Threshold(Comparator.AT_LEAST, 20.0),)


def _condition(written: str) -> When:
    (rule,) = load(varied(_WHEN, written)).rules
    return rule.condition


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("+0h", "+12h", HourSpan(0, 12)),
        ('"+0h"', '"+12 h"', HourSpan(0, 12)),
        ("0", "12 h", HourSpan(0, 12)),
        ("-3 h", "0", HourSpan(-3, 0)),
        ("-3h", "-0 h", HourSpan(-3, 0)),
        ('"-3h"', "+3h", HourSpan(-3, 3)),
        ("-168h", "384h", HourSpan(-168, 384)),
    ],
)
def test_hours_in_every_spelling(start: str, end: str, span: HourSpan) -> None:
    """Semantics 9: whole hours relative to now, negative in the past, with or without a space or a plus."""
    leaf = f"{{metric: temperature, at_least: 20, unit: C, over: {{from: {start}, to: {end}, take: max}}}}"
    assert _condition(leaf) == Comparison(Metric.TEMPERATURE, _WARM, "C", over=Over(span, Take.MAX))


@pytest.mark.parametrize("take", [take for take in Take if take not in (Take.HOURS, Take.SUM)])
@pytest.mark.parametrize("each_day", [EachDay.MIN, EachDay.MAX, EachDay.MEAN])
def test_days_with_every_figure(take: Take, each_day: EachDay) -> None:
    """Semantics 9: local days, both included, negative in the past."""
    window = f"{{days: [-6, 15], each_day: {each_day}, take: {take}}}"
    leaf = f"{{metric: temperature, at_least: 20, unit: C, over: {window}}}"
    over = Over(DaySpan(-6, 15, each_day), take)
    assert _condition(leaf) == Comparison(Metric.TEMPERATURE, _WARM, "C", over=over)


@pytest.mark.parametrize(
    ("metric", "unit"), [("rain", "mm"), ("rain", "in"), ("snow", "mm"), ("precipitation", "in"), ("snowfall", "cm")]
)
def test_sums_are_amounts(metric: str, unit: str) -> None:
    """Semantics 5 and 9: mm/h summed over hours is mm, over the hours of a day too."""
    for window in (
        "{from: 0, to: 24h, take: sum}",
        "{days: [0, 1], each_day: sum, take: sum}",
        "{days: [0, 1], each_day: sum, take: any}",
    ):
        leaf = _condition(f"{{metric: {metric}, above: 5, unit: {unit}, over: {window}}}")
        assert isinstance(leaf, Comparison)
        assert leaf.unit == unit


def test_kinds_flags_and_directions_are_counted() -> None:
    """Semantics 9: of what has no figure, hours are counted; a metric without a unit stays without."""
    window = "over: {from: 0, to: 6h, take: hours, at_least: 6}"
    over = Over(HourSpan(0, 6), Take.HOURS, 6)
    snow = _condition(f"{{metric: condition, not_in: snow, if_missing: true, {window}}}")
    assert snow == Membership(frozenset({WeatherKind.SNOW}), negated=True, if_missing=True, over=over)
    assert _condition(f"{{metric: is_day, is: true, {window}}}") == Flag(Metric.IS_DAY, wanted=True, over=over)
    west = _condition(f"{{metric: wind_direction, at_least: 225, below: 315, unit: deg, {window}}}")
    assert isinstance(west, Comparison)
    assert west.over == over
    index = _condition(f"{{metric: uv_index, at_least: 20, {window}}}")
    assert index == Comparison(Metric.UV_INDEX, _WARM, "index", over=over)


def test_a_trend_is_a_leaf() -> None:
    """Semantics 6: a change in the unit's own degrees."""
    assert _condition("{metric: temperature, falls_by: 5, unit: F, within: 3 h, if_missing: false}") == Trend(
        Metric.TEMPERATURE, Direction.FALLS, 5.0, "F", 3, if_missing=False
    )
    assert _condition("{metric: uv_index, rises_by: 2.5, within: 72h}") == Trend(
        Metric.UV_INDEX, Direction.RISES, 2.5, "index", 72
    )


def test_thresholds_and_trends_must_all_hold() -> None:
    """Semantics 6: several comparators per leaf are ANDed, trends with them; if_missing settles each."""
    written = "{metric: temperature, at_least: 20, rises_by: 3, falls_by: 2, within: 6 h, unit: C, if_missing: true}"
    assert _condition(written) == All(
        (
            Comparison(Metric.TEMPERATURE, _WARM, "C", if_missing=True),
            Trend(Metric.TEMPERATURE, Direction.RISES, 3.0, "C", 6, if_missing=True),
            Trend(Metric.TEMPERATURE, Direction.FALLS, 2.0, "C", 6, if_missing=True),
        )
    )


_RULES = """
owner: user-456
rules:
  - id: rule-123
    name: Umbrellas when it rains in Newark
    place: {latitude: 40.69, longitude: -74.17, timezone: America/New_York}
    every: 30 min
    when:
      all:
        - {metric: precipitation, above: 0.5, unit: mm/h}
        - any:
            - {metric: temperature, at_least: 4, below: 25, unit: C}
            - {metric: wind_gust, at_least: 40, unit: km/h, if_missing: false}
        - not: {metric: condition, in: [snow, sleet]}
        - {metric: precipitation, above: 0.2, unit: mm/h, over: {from: +0h, to: +12h, take: hours, at_least: 3}}
    targets: [{account: meta-acme, ad_set: "23847", set: {status: enabled}, otherwise: baseline}]
  - id: umbrella-1
    place: "40.69,-74.17"
    every: 1h
    when: {metric: rain, above: 0.5, unit: mm/h}
    targets: [{account: meta-umbrella, ad_set: "1", set: {status: enabled}, otherwise: {status: paused}}]
  - id: ice-lyon
    place: "45.76,4.84"
    every: 1h
    when: {metric: temperature, at_least: 30, unit: C}
    targets: [{account: google-ice, campaign: "11", set: {daily_budget: {change: +50 %, max: 900 EUR}}}]
  - id: heatwave
    place: "33.45,-112.07"
    every: 24h
    when: {metric: temperature, at_least: 38, unit: C, over: {days: [0, 2], each_day: max, take: all}}
    targets: [{account: google-hvac, campaign: "9", set: {daily_budget: {change: +30 %, max: 400 USD}}}]
  - id: rain-delivery
    place: "47.37,8.54"
    every: 30 min
    when: {metric: rain, above: 0.3, unit: mm/h}
    targets: [{account: meta-food, ad_set: "5", set: {daily_budget: {change: +25 %, max: 120 CHF}}}]
"""


def test_the_rules_that_the_language_was_made_for_load() -> None:
    """Semantics 9: what a window needs is a forecast; today's heat also the hours since midnight, and that is what its
    author is warned of, for it is looked at once a day."""
    file = load(_RULES)
    assert [warning.path for warning in file.warnings] == ["rules[3].every"]
    assert {rule.id: needs_of(rule.condition) for rule in file.rules} == {
        "rule-123": Needs(looks_at_now=True, looks_ahead=True, metrics=frozenset({Metric.PRECIPITATION})),
        "umbrella-1": Needs(looks_at_now=True),
        "ice-lyon": Needs(looks_at_now=True),
        "heatwave": Needs(looks_ahead=True, looks_back_hours=26, metrics=frozenset({Metric.TEMPERATURE})),
        "rain-delivery": Needs(looks_at_now=True),
    }
