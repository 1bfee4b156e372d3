"""The condition tree of an execution as people read it, from the document that is stored of it (semantics 32).

Nothing but the document is looked at, so that a tree of long ago reads as it did then, whatever became of its rule.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any as Json  # JSON of our own making, maybe of an earlier version

from rich.markup import escape
from rich.tree import Tree

from services.automation_cli.output import cell
from weathertrigger.domain.condition import Comparator, Direction, Threshold
from weathertrigger.rules.wording import spoken_kinds, spoken_limits, spoken_metric, spoken_number
from weathertrigger.service_names import spoken_service

_MARKS = {True: "[green]true[/]   ", False: "[red]false[/]  ", None: "[yellow]unknown[/]"}
_GROUPS = ("all", "any", "not")
_COMPARATORS = {comparator.value: comparator for comparator in Comparator}
_YES = {True: "yes", False: "no"}


def tree_of(condition: Json) -> Tree:
    """Every node with its result; of a leaf what it saw and what it wanted."""
    tree = Tree("", hide_root=True)
    _grow(tree, condition)
    return tree


def whole_tree(explanation: Json) -> Tree:
    """The tree of everything that an execution looked at: the condition, or each case of it, at each place."""
    tree = Tree("", hide_root=True)
    _grow_whole(tree, explanation)
    return tree


def _grow_whole(tree: Tree, seen: Json) -> None:
    if "cases" in seen:
        for number, case in enumerate(seen["cases"], 1):
            _grow_whole(tree.add(f"{_MARKS[case['result']]} case {number}"), case)
    elif "places" in seen:
        branch = tree.add(f"{_MARKS[seen['result']]} at least {seen['needed']} of {len(seen['places'])} places")
        for name, place in seen["places"].items():
            leaf = branch.add(f"{_MARKS[place['result']]} {escape(name)}, {escape(_told_reading(place))}")
            if place["condition"]:
                _grow(leaf, place["condition"])
    elif "condition" in seen:  # a check outside the active hours looks at nothing
        _grow(tree, seen["condition"])


def _told_reading(place: Json) -> str:
    if not place["observed_at"]:
        return "no reading"
    return f"{spoken_service(place['provider'])}, observed {cell(datetime.fromisoformat(place['observed_at']))} UTC"


def _grow(tree: Tree, node: Json) -> None:
    mark = _MARKS[node.get("result")]
    group = next((word for word in _GROUPS if word in node), None)
    if group is None:
        tree.add(f"{mark} {escape(told(node))}")
        return
    branch = tree.add(f"{mark} {group}")
    for part in [node["not"]] if group == "not" else node[group]:
        _grow(branch, part)


def told(leaf: Mapping[str, Json]) -> str:
    """`precipitation 0.4 mm/h, wanted above 0.5 mm/h`."""
    saw = str(leaf["missing"]) if "missing" in leaf else f"{spoken_metric(leaf['metric'])}{_seen(leaf)}"
    return ", ".join([saw, f"wanted {' and '.join(_wanted(leaf))}", *_around(leaf)])


def _seen(leaf: Mapping[str, Json]) -> str:
    value = leaf.get("value")
    if isinstance(value, bool):
        return f" {_YES[value]}"
    if isinstance(value, list):
        return f" {' and '.join(value).replace('_', ' ')}"
    if not isinstance(value, int | float):
        return ""
    return _seen_around(leaf, value) if "steps" in leaf else f" {spoken_number(value, leaf['unit'], _thresholds(leaf))}"


def _seen_around(leaf: Mapping[str, Json], value: float) -> str:
    """What came of a window or a trend."""
    if "within" in leaf:
        present = spoken_number(leaf.get("present") or 0.0, leaf["unit"], [])
        return f" {present}, {spoken_number(value, leaf['unit'], [])} {_way(leaf)} within {leaf['within']}"
    over = leaf["over"]
    where = f" from {over['from']} to {over['to']}" if "from" in over else f" of the days {over['days']}"
    if over["take"] in ("any", "all", "hours"):
        return f"{where}: {value:g} pass"
    return f"{where}: {over['take']} {spoken_number(value, leaf['unit'], _thresholds(leaf))}"


def _way(leaf: Mapping[str, Json]) -> str:
    return "up" if Direction.RISES.value in leaf else "down"


def _wanted(leaf: Mapping[str, Json]) -> Iterator[str]:
    if thresholds := _thresholds(leaf):
        yield spoken_limits(thresholds, leaf["unit"])
    for direction in Direction:
        if direction.value in leaf:
            yield f"{direction.replace('_', ' ')} {spoken_number(leaf[direction.value], leaf['unit'], [])}"
    if "in" in leaf:
        yield spoken_kinds(leaf["in"], "or")
    if "not_in" in leaf:
        yield f"not {spoken_kinds(leaf['not_in'], 'or')}"
    if "is" in leaf:
        yield _YES[leaf["is"]]
    over = leaf.get("over", {})
    if over.get("take") in ("any", "all"):
        yield over["take"]
    if "at_least" in over:
        yield f"in at least {over['at_least']}"


def _around(leaf: Mapping[str, Json]) -> Iterator[str]:
    if "release" in leaf:
        yield f"release {spoken_number(leaf['release'], leaf['unit'], [])}{' and was on' if leaf['was_on'] else ''}"
    if "steps" in leaf:
        yield f"{leaf['steps']['known']} of {leaf['steps']['needed']} known"
    if "forecast" in leaf:
        forecast = leaf["forecast"]
        yield f"forecast by {spoken_service(forecast['provider'])} fetched {forecast['fetched_at']}"


def _thresholds(leaf: Mapping[str, Json]) -> list[Threshold]:
    return [Threshold(known, leaf[word]) for word, known in _COMPARATORS.items() if word in leaf]
