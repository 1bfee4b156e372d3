"""The sentences that a marketer reads, and the tree that is stored."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings

from tests import strategies
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import (
    All,
    Any,
    Comparator,
    Comparison,
    Condition,
    Flag,
    Membership,
    Not,
    Threshold,
    Truth,
)
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Reading, Value, WeatherKind
from weathertrigger.rules.evaluation import LeafResult, evaluate
from weathertrigger.rules.explanation import document, sentence, spoken


def _is(metric: Metric, unit: str, if_missing: Truth = None, **thresholds: float) -> Comparison:
    limits = tuple(Threshold(Comparator(word), limit) for word, limit in thresholds.items())
    return Comparison(metric, limits, unit, if_missing)


_RAIN = _is(Metric.PRECIPITATION, "mm/h", above=0.5)
_MILD = _is(Metric.TEMPERATURE, "C", at_least=4, below=25)
_GUST = _is(Metric.WIND_GUST, "km/h", at_least=40)
_SNOWY = Membership(frozenset({WeatherKind.SNOW, WeatherKind.FREEZING_RAIN}))
_NOW = "(OpenWeather, observed 14:00 UTC, 6 min ago)."
_WEATHER: dict[Metric, Value] = {
    Metric.PRECIPITATION: 0.4,
    Metric.TEMPERATURE: 12.5,
    Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.MIST),
    Metric.IS_DAY: False,
    Metric.ALERT: True,
    Metric.UV_INDEX: 2.0,
    Metric.PRESSURE: 1013.2504,
}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (_RAIN, "Did not fire: precipitation 0.4 mm/h is not above 0.5 mm/h"),
        (_is(Metric.PRECIPITATION, "mm/h", above=0.3), "Fired: precipitation 0.4 mm/h is above 0.3 mm/h"),
        (_is(Metric.TEMPERATURE, "F", at_least=60), "Did not fire: temperature 54.5 F is not at least 60 F"),
        (_is(Metric.TEMPERATURE, "C", below=5), "Did not fire: temperature 12.5 C is not below 5 C"),
        (_is(Metric.TEMPERATURE, "C", at_most=12.5), "Fired: temperature 12.5 C is at most 12.5 C"),
        (_MILD, "Fired: temperature 12.5 C is at least 4 C and below 25 C"),
        (replace(_MILD, thresholds=_MILD.thresholds[::-1]), "Fired: temperature 12.5 C is below 25 C and at least 4 C"),
        (_is(Metric.TEMPERATURE, "C", at_least=4, below=10), "Did not fire: temperature 12.5 C is not below 10 C"),
        (_is(Metric.UV_INDEX, "index", at_most=3), "Fired: uv index 2 is at most 3"),
        (_is(Metric.PRESSURE, "hPa", above=1013.25), "Fired: pressure 1013.2504 hPa is above 1013.25 hPa"),
        (_SNOWY, "Did not fire: condition rain and mist is not freezing rain or snow"),
        (replace(_SNOWY, negated=True), "Fired: condition rain and mist is not freezing rain or snow"),
        (Membership(frozenset({WeatherKind.RAIN})), "Fired: condition rain and mist is rain"),
        (Flag(Metric.IS_DAY, wanted=True), "Did not fire: it is night"),
        (Flag(Metric.ALERT, wanted=True), "Fired: there is a weather alert"),
        (Not(_RAIN), "Fired: precipitation 0.4 mm/h is not above 0.5 mm/h"),
        (Not(_MILD), "Did not fire: temperature 12.5 C is at least 4 C and below 25 C"),
        (All((_RAIN, _MILD)), "Did not fire: precipitation 0.4 mm/h is not above 0.5 mm/h"),
        (Any((_RAIN, _MILD)), "Fired: temperature 12.5 C is at least 4 C and below 25 C"),
        (
            All((_MILD, Not(_RAIN))),
            "Fired: temperature 12.5 C is at least 4 C and below 25 C and precipitation 0.4 mm/h is not above 0.5 mm/h",
        ),
        (_GUST, "No verdict: wind gust is missing in the reading"),
        (All((_MILD, _GUST)), "No verdict: wind gust is missing in the reading"),
        (Any((_RAIN, _GUST)), "No verdict: wind gust is missing in the reading"),
        (
            replace(_GUST, if_missing=False),
            "Did not fire: wind gust is missing in the reading, which this rule takes as false",
        ),
        (
            replace(_GUST, if_missing=True),
            "Fired: wind gust is missing in the reading, which this rule takes as true",
        ),
    ],
)
def test_sentences(condition: Condition, said: str) -> None:
    """Semantics 32: one plain sentence with the leaves that decided, in the units that the rule names."""
    seen = reading(_WEATHER)
    assert sentence(evaluate(condition, seen, at=AT), seen, AT) == f"{said} {_NOW}"


def test_what_cannot_be_is_told_in_the_units_of_the_rule() -> None:
    """Semantics 3 and 32: the wind of 1,048 mph that was really recorded once."""
    seen = reading({}, discarded={Metric.WIND_SPEED: 1048.36058 * 1609.344 / 3600})
    leaf = _is(Metric.WIND_SPEED, "mph", above=30)
    said = sentence(evaluate(leaf, seen, at=AT), seen, AT)
    assert said == f"No verdict: wind speed 1,048.36 mph is not physically possible {_NOW}"


def test_old_weather_is_told_once() -> None:
    """Semantics 2 and 32: the execution says how old the weather was, not once for every leaf."""
    seen = replace(reading(_WEATHER), observed_at=AT - timedelta(minutes=126))
    said = sentence(evaluate(All((_RAIN, _MILD)), seen, at=AT), seen, AT)
    expected = "the weather was observed 126 min ago (OpenWeather, observed 12:00 UTC, 126 min ago)."
    assert said == f"No verdict: {expected}"


def test_many_leaves_are_counted() -> None:
    """Semantics 32: a sentence stays one; the tree has the rest."""
    leaves = tuple(_is(Metric.TEMPERATURE, "C", above=float(limit)) for limit in range(5))
    seen = reading(_WEATHER)
    said = sentence(evaluate(All(leaves), seen, at=AT), seen, AT)
    three = " and ".join(f"temperature 12.5 C is above {limit} C" for limit in range(3))
    assert said == f"Fired: {three} and 2 more like it {_NOW}"


def test_no_number_is_minus_nothing() -> None:
    """Semantics 32: just below zero is 0, not -0."""
    leaf = _is(Metric.TEMPERATURE, "C", below=0)
    seen = reading({Metric.TEMPERATURE: -0.0000001})
    assert spoken_leaf(leaf, seen) == "temperature 0 C is not below 0 C"


def test_the_clocks_of_providers_may_be_ahead() -> None:
    """Semantics 32: an observation of the next minute was made just now."""
    seen = replace(reading(_WEATHER), observed_at=AT + timedelta(minutes=1), provider="newcomer")
    said = sentence(evaluate(_RAIN, seen, at=AT), seen, AT)
    assert said.endswith("(newcomer, observed 14:07 UTC, just now).")


@settings(max_examples=40)
@given(strategies.comparisons(), strategies.numbers)
def test_the_numbers_shown_bear_out_the_verdict(leaf: Comparison, value: float) -> None:
    """Semantics 32: a reader who compares the shown numbers comes to the same result, however near they are."""
    exact = evaluate(leaf, reading({leaf.metric: value}), at=AT)
    said = spoken_leaf(leaf, reading({leaf.metric: value}))
    words = said.removeprefix(leaf.metric.replace("_", " ")).split()
    shown = float(words[0])
    told = [one for one in leaf.thresholds if f"{one.value:.15g}" in words]
    assert told
    operators = {
        Comparator.ABOVE: shown.__gt__,
        Comparator.AT_LEAST: shown.__ge__,
        Comparator.BELOW: shown.__lt__,
        Comparator.AT_MOST: shown.__le__,
    }
    spoken_limits = [one for one in told if one.comparator.replace("_", " ") in said]
    assert any(operators[one.comparator](float(f"{one.value:.15g}")) is exact.truth for one in spoken_limits)


def spoken_leaf(leaf: Comparison, seen: Reading) -> str:
    """What one leaf says of a reading."""
    result = evaluate(leaf, seen, at=AT)
    assert isinstance(result, LeafResult)
    return spoken(result)


@settings(max_examples=40)
@given(strategies.conditions, strategies.looks())
def test_every_tree_can_be_stored_and_said(condition: Condition, look: tuple[Reading, Series]) -> None:
    """Semantics 32: the document of any tree is JSON, with a result at every node and a sentence beside it."""
    seen, series = look
    result = evaluate(condition, seen, at=series.at, series=series)
    stored = orjson.loads(orjson.dumps(document(result, seen)))
    assert stored["condition"]["result"] is result.truth
    assert stored["provider"] == seen.provider
    said = sentence(result, seen, seen.fetched_at)
    assert said.startswith({True: "Fired: ", False: "Did not fire: ", None: "No verdict: "}[result.truth])
    assert ":  (" not in said


def test_the_stored_tree() -> None:
    """Semantics 32: per leaf value, unit, threshold and result; provider and observation once, for the age."""
    condition = All((_RAIN, Not(_SNOWY), Any((Flag(Metric.IS_DAY, wanted=True), _GUST))))
    seen = reading(_WEATHER)
    assert orjson.loads(orjson.dumps(document(evaluate(condition, seen, at=AT), seen))) == {
        "provider": "openweather",
        "observed_at": "2026-03-01T14:00:00+00:00",
        "reading": 7,
        "condition": {
            "all": [
                {"metric": "precipitation", "value": 0.4, "unit": "mm/h", "above": 0.5, "result": False},
                {
                    "not": {
                        "metric": "condition",
                        "value": ["rain", "mist"],
                        "in": ["freezing_rain", "snow"],
                        "result": False,
                    },
                    "result": True,
                },
                {
                    "any": [
                        {"metric": "is_day", "value": False, "is": True, "result": False},
                        {
                            "metric": "wind_gust",
                            "value": None,
                            "unit": "km/h",
                            "at_least": 40,
                            "result": None,
                            "missing": "wind gust is missing in the reading",
                        },
                    ],
                    "result": None,
                },
            ],
            "result": False,
        },
    }
