"""Warnings about what is valid and may be meant otherwise; and silence about everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rule_files.loading import VALID, load, varied
from weathertrigger.rule_files.read import read

_LEAF = "{metric: rain, above: 0.5, unit: mm/h}"

_BOTH_IN_A_WINDOW = """{all: [
  {metric: rain, above: 5, unit: mm/h, over: {from: 0, to: 3h, take: any}},
  {metric: rain, below: 3, unit: mm/h, over: {from: 0, to: 3h, take: any}}]}"""


def warnings(text: str) -> list[str]:
    return [str(warning) for warning in load(text).warnings]


def _rules(*changes: dict[str, Any]) -> str:
    """Rules r1, r2, ... that set one field each as the changes say, or all the same one."""
    rule = read(VALID, name="x")["rules"][0]  # type: ignore[index]  # what stands there is known
    each = [{**rule, "id": f"r{number}", **change} for number, change in enumerate(changes, 1)]
    return json.dumps({"owner": "a", "rules": each}, indent=0)


def _when(**leaf: object) -> dict[str, Any]:
    return {"when": {"metric": "temperature", "unit": "C", **leaf}}


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        (
            "{metric: precipitation, above: -5, unit: mm/h}",
            "when.above: is always true: precipitation lies between 0 mm/h and 900 mm/h",
        ),
        ("{metric: humidity, above: 100, unit: '%'}", "when.above: is never true: humidity lies between 0 % and 100 %"),
        (
            "{metric: humidity, at_least: 0, unit: '%'}",
            "when.at_least: is always true: humidity lies between 0 % and 100 %",
        ),
        (
            "{metric: temperature, at_least: 200, unit: F}",
            "when.at_least: is never true: temperature lies between -139 F and 143.6 F",
        ),
        (
            "{metric: temperature, below: 300, unit: F}",
            "when.below: is always true: temperature lies between -139 F and 143.6 F",
        ),
        ("{metric: uv_index, at_most: -1}", "when.at_most: is never true: uv_index lies between 0 and 45"),
        (
            "{not: {any: [{metric: rain, below: 0, unit: mm/h}]}}",
            "when.not.any[0].below: is never true: rain lies between",
        ),
        ("{metric: rain, above: 1000, unit: mm/h, over: {from: 0, to: 3 h, take: max}}", "when.above: is never true"),
        (
            "{metric: temperature, falls_by: 3, within: 2 h, at_least: 90, unit: C}",
            "when.at_least: is never true: temperature lies between -95 C and 62 C",
        ),
        (
            (
                "{all: [{metric: rain, above: 5, unit: mm/h}, {metric: is_day, is: true},"
                " {metric: rain, below: 3, unit: mm/h}]}"
            ),
            "when: is never true: its parts 1 and 3 exclude each other",
        ),
        ("{all: [{metric: is_day, is: true}, {metric: is_day, is: false}]}", "when: is never true: its parts 1 and 2"),
        (
            "{all: [{metric: condition, in: rain}, {metric: condition, not_in: [rain, snow]}]}",
            "when: is never true: its parts 1 and 2",
        ),
    ],
)
def test_what_is_never_or_always_true(when: str, sentence: str) -> None:
    """With the path of the threshold or of the group, its line, and what the metric can be."""
    (warning,) = warnings(varied(_LEAF, when))
    assert warning.startswith(f"line 6, rules[0].{sentence}")


@pytest.mark.parametrize(
    "when",
    [
        "{metric: rain, at_least: 0.1, unit: mm/h}",
        "{metric: humidity, at_least: 100, unit: '%'}",
        "{metric: rain, at_most: 0, unit: mm/h}",
        "{metric: rain, above: 1000, unit: mm, over: {from: -48h, to: 0, take: sum}}",
        _BOTH_IN_A_WINDOW,
        "{all: [{metric: condition, in: rain}, {metric: condition, in: snow}]}",
    ],
)
def test_what_may_be_true_is_left_alone(when: str) -> None:
    """The ends of a range, sums, windows of which different hours count, weather of two kinds."""
    assert warnings(varied(_LEAF, when)) == []


def test_rules_that_are_at_odds() -> None:
    """The same field and the same priority, at the same time: who wins, and what to do."""
    hot, hotter = _when(at_least=25), _when(at_least=30)
    (warning,) = warnings(_rules(hot, hotter))
    assert "rules[1]: sets the status of meta-acme ad_set 23847, as rule r1 does, with the same priority 0" in warning
    assert "r1 wins for its id: give one of them a higher priority" in warning
    assert warnings(_rules(hot, {**hotter, "priority": 1})) == []
    assert warnings(_rules(hot, {**hotter, "enabled": False})) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_when(below=20), _when(at_least=20)),
        (_when(below=68) | {"when": {"metric": "temperature", "below": 68, "unit": "F"}}, _when(at_least=20)),
        ({"when": {"metric": "is_day", "is": True}}, {"when": {"metric": "is_day", "is": False}}),
        ({"active": [{"hours": ["06:00-10:00"]}]}, {"active": [{"hours": ["10:00-22:00"]}]}),
        ({"active": [{"days": ["mon-fri"]}]}, {"active": [{"days": ["sat", "sun"]}]}),
        ({"dates": {"until": "2026-05-31"}}, {"dates": {"from": "2026-06-02"}}),
    ],
)
def test_rules_that_are_never_active_together(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Bands that meet, day and night, lunch and dinner, spring and summer."""
    assert warnings(_rules(one, other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_when(below=20) | {"hold": {"keep_for": "1 h"}}, _when(at_least=20)),
        (_when(below=20), _when(at_least=20) | {"place": "1,2"}),
        (
            {"active": [{"days": ["sun"], "hours": ["22:00-02:00"]}]},
            {"active": [{"days": ["mon"], "hours": ["01:00-09:00"]}]},
        ),
        ({"dates": {"until": "2026-05-31"}}, {"dates": {"from": "2026-06-01"}}),
    ],
)
def test_rules_that_may_meet_all_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """One that stays on after its end, another place, a Sunday night that goes on into Monday."""
    assert any("with the same priority 0" in warning for warning in warnings(_rules(one, other)))


@pytest.mark.parametrize(
    ("bands", "where"),
    [
        ([_when(below=20), _when(above=20)], "at 20 C"),
        ([_when(at_least=20, below=29), _when(at_least=30), _when(below=20)], "between 29 C and 30 C"),
    ],
)
def test_a_gap_between_bands(bands: list[dict[str, Any]], where: str) -> None:
    """Where it is as narrow as a slip."""
    assert any(f"none is true {where}" in warning for warning in warnings(_rules(*bands)))


@pytest.mark.parametrize(
    "bands", [[_when(below=5), _when(above=30)], [_when(at_least=20, below=25), _when(at_least=28)], [_when(below=5)]]
)
def test_a_gap_that_is_meant(bands: list[dict[str, Any]]) -> None:
    """Cold days and hot days leave room for the others."""
    assert warnings(_rules(*bands)) == []


def test_a_warning_of_a_template_names_the_row() -> None:
    """Or none, where it is that of every row."""
    text = VALID.replace("id: rain", "id: rain-{n}").replace(
        "    place:", "    for_each: [{n: 1, mm: 2000}, {n: 2, mm: 3}]\n    place:"
    )
    text = text.replace("above: 0.5", 'above: "{mm}"').replace('"23847"', '"{n}"')
    (warning,) = warnings(text)
    assert warning.startswith("line 7, rules[0].when.above: row 1 (line 4): is never true")


def test_a_file_that_is_full_of_slips() -> None:
    """A hundred warnings are enough."""
    found = warnings(_rules(*[_when(above=99)] * 200))
    assert len(found) == 101
    assert "more than 100 warnings; the rest was not looked at" in found


@given(
    st.lists(
        st.tuples(st.sampled_from(["above", "at_least", "below", "at_most"]), st.integers(-3, 3)),
        min_size=2,
        max_size=4,
    )
)
def test_bands_of_any_kind_are_answered(bands: list[tuple[str, int]]) -> None:
    """Whatever bands rules on one field have, there are warnings or none, and never an exception."""
    for warning in warnings(_rules(*(_when(**{word: number}) for word, number in bands))):
        assert warning.isprintable()
