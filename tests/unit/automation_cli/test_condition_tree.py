"""The stored condition tree as people read it."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from rich.console import Console

from services.automation_cli.condition_tree import told, tree_of, whole_tree
from tests import strategies
from tests.unit.rules.hours import ahead, behind, compare, over
from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import Any as AnyOf
from weathertrigger.domain.condition import Condition, Direction, Flag, Membership, Not, Take, Trend
from weathertrigger.domain.series import Series
from weathertrigger.domain.weather import Metric, Reading, WeatherKind
from weathertrigger.rules.evaluation import evaluate
from weathertrigger.rules.explanation import document

_SEEN = reading(
    {
        Metric.RAIN: 0.4,
        Metric.TEMPERATURE: 12.0,
        Metric.IS_DAY: False,
        Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.MIST),
    }
)
_WET = frozenset({WeatherKind.SNOW, WeatherKind.FREEZING_RAIN})


def stored(condition: Condition, series: Series | None = None, seen: Reading = _SEEN) -> Any:  # Any: JSON
    """What the database gives back of a tree."""
    return orjson.loads(orjson.dumps(document(evaluate(condition, seen, at=AT, series=series), seen)))["condition"]


@pytest.mark.parametrize(
    ("leaf", "series", "said"),
    [
        (compare(Metric.RAIN, "mm/h", None, above=0.5), None, "rain 0.4 mm/h, wanted above 0.5 mm/h"),
        (
            compare(Metric.TEMPERATURE, "C", None, at_least=4, below=25),
            None,
            "temperature 12 C, wanted at least 4 C and below 25 C",
        ),
        (
            compare(Metric.WIND_GUST, "km/h", None, at_least=40),
            None,
            "wind gust is missing in the reading, wanted at least 40 km/h",
        ),
        (
            replace(compare(Metric.RAIN, "mm/h", None, above=0.5), release=0.1),
            None,
            "rain 0.4 mm/h, wanted above 0.5 mm/h, release 0.1 mm/h",
        ),
        (Membership(_WET), None, "condition rain and mist, wanted freezing rain or snow"),
        (Membership(_WET, negated=True), None, "condition rain and mist, wanted not freezing rain or snow"),
        (Flag(Metric.IS_DAY, wanted=True), None, "is day no, wanted yes"),
        (
            compare(Metric.RAIN, "mm/h", over(0, 4, Take.HOURS, 3), above=0.2),
            ahead(Metric.RAIN, [1.0, 0.0, 0.3, 0.4]),
            (
                "rain from +0 h to +4 h: 3 pass, wanted above 0.2 mm/h and in at least 3, 4 of 4 known, "
                "forecast by OpenWeather fetched 2026-03-01T13:46:00+00:00"
            ),
        ),
        (
            compare(Metric.RAIN, "mm", over(-4, 0, Take.SUM), at_least=5),
            behind(Metric.RAIN, [1.0, 0.5, None, 0.5]),
            "rain from -4 h to +0 h: sum 2 mm, wanted at least 5 mm, 3 of 4 known",
        ),
        (
            Trend(Metric.TEMPERATURE, Direction.FALLS, 5.0, "C", 3),
            behind(Metric.TEMPERATURE, [18.0, 15.0, 14.0]),
            "temperature 12 C, 6 C down within 3 h, wanted falls by 5 C, 3 of 3 known",
        ),
    ],
)
def test_a_leaf(leaf: Condition, series: Series | None, said: str) -> None:
    """Semantics 32: value, unit, threshold, and of other hours how many are known and whose forecast it was."""
    assert told(stored(leaf, series)) == said


@settings(max_examples=60)
@given(strategies.conditions, strategies.looks())
def test_every_stored_tree_can_be_read(condition: Condition, look: tuple[Reading, Series]) -> None:
    """Semantics 32: whatever a rule says and whatever the weather was, a line for each node, with its result."""
    seen, series = look
    tree = orjson.loads(orjson.dumps(document(evaluate(condition, seen, at=series.at, series=series), seen)))
    console = Console(width=10_000)
    with console.capture() as capture:
        console.print(tree_of(tree["condition"]))
    lines = capture.get().splitlines()
    assert len(lines) == _nodes(tree["condition"])
    assert all(line.strip("│├└─ ").startswith(("true ", "false ", "unknown ")) for line in lines)


def _nodes(node: Any) -> int:  # Any: JSON
    parts = [node["not"]] if "not" in node else node.get("all", node.get("any", []))
    return 1 + sum(map(_nodes, parts))


def test_a_leaf_that_was_on() -> None:
    """Semantics 7 and 32: it is held against its release, and so is still true."""
    leaf = replace(compare(Metric.RAIN, "mm/h", None, above=0.5), release=0.1)
    node = document(evaluate(leaf, _SEEN, at=AT, on=[leaf]), _SEEN)["condition"]
    assert isinstance(node, dict)
    assert (node["result"], told(node)) == (True, "rain 0.4 mm/h, wanted above 0.5 mm/h, release 0.1 mm/h and was on")


def test_the_tree_of_a_group() -> None:
    """Each part under its group, in the order of the rule."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(tree_of(stored(AnyOf((compare(Metric.RAIN, "mm/h", None, above=0.3), Not(Membership(_WET)))))))
    assert [line.rstrip() for line in capture.get().splitlines()] == [
        "true    any",
        "├── true    rain 0.4 mm/h, wanted above 0.3 mm/h",
        "└── true    not",
        "    └── false   condition rain and mist, wanted freezing rain or snow",
    ]


def _drawn(explanation: Any) -> list[str]:
    """The tree's lines, without what draws it."""
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(whole_tree(explanation))
    return [line.strip("│├└─ ") for line in capture.get().splitlines()]


_RAIN = compare(Metric.RAIN, "mm/h", None, above=0.3)


def test_the_tree_of_cases() -> None:
    """Each case with its number and its result, and its own tree below."""
    cases = [{"condition": stored(_RAIN), "result": True}, {"condition": stored(Not(_RAIN)), "result": False}]
    assert _drawn({"case": 1, "cases": cases}) == [
        "true    case 1",
        "true    rain 0.4 mm/h, wanted above 0.3 mm/h",
        "false   case 2",
        "false   not",
        "true    rain 0.4 mm/h, wanted above 0.3 mm/h",
    ]


def test_the_tree_of_places() -> None:
    """Each place with whose weather it was, and its own tree below; one without weather says so."""
    seen = {"provider": "openweather", "observed_at": "2026-03-01T14:00:00+00:00", "reading": 7}
    places = {
        "centre": {**seen, "condition": stored(_RAIN), "result": True},
        "north": {"provider": None, "observed_at": None, "reading": None, "condition": None, "result": None},
    }
    assert _drawn({"needed": 2, "places": places, "result": None}) == [
        "unknown at least 2 of 2 places",
        "true    centre, OpenWeather, observed 2026-03-01 14:00:00 UTC",
        "true    rain 0.4 mm/h, wanted above 0.3 mm/h",
        "unknown north, no reading",
    ]
