"""What may be meant otherwise in a valid rules file, found without any weather: warnings, each with its path.

A threshold that no weather reaches, a condition that is never true, a case that never wins, a gap between bands, two
rules that are at odds over a field. What is said is certain, but for gaps: they are told where they look like a slip.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, islice, pairwise

from weathertrigger.domain.condition import All, Any, Comparator, Comparison, Condition, Not, conditions_in
from weathertrigger.domain.physical_bounds import BOUNDS
from weathertrigger.domain.rule import Entity, FieldName, Rule
from weathertrigger.domain.units import CANONICAL_UNITS, from_canonical
from weathertrigger.domain.weather import Metric
from weathertrigger.errors import Fault
from weathertrigger.rule_files.faults import Path, faults_of
from weathertrigger.rule_files.read import value_at
from weathertrigger.rules.bands import Band, band_of, excludes, implies
from weathertrigger.rules.intervals import Intervals, beyond, union
from weathertrigger.rules.togetherness import never_together

MOST_WARNINGS = 100

_MOST_PARTS = 10
"""Parts of a group that are held against each other."""

_MOST_RULES_OF_A_FIELD = 100

_SLIP = 0.2
"""A gap between bands is told of if it is no wider than so much of the narrowest band."""


def advice_on(rules: Sequence[Rule], document: object) -> Iterator[Fault]:
    """What is worth a second look; of a file that is full of it, the beginning."""
    found = _advice(rules, document)
    yield from islice(found, MOST_WARNINGS)
    if next(found, None):
        yield Fault("", f"more than {MOST_WARNINGS} warnings; the rest was not looked at")


def _advice(rules: Sequence[Rule], document: object) -> Iterator[Fault]:
    for index, rule in enumerate(rules):
        conditions = conditions_in(rule.condition)
        for path, condition in zip(_paths(rule, index), conditions, strict=True):
            yield from _about_thresholds(condition, path, document)
            yield from _never(condition, path, document)
        yield from _about_cases(conditions, _paths(rule, index), document)
    yield from _about_fields(rules, document)


def _paths(rule: Rule, index: int) -> list[Path]:
    conditions = conditions_in(rule.condition)
    if conditions == (rule.condition,):
        return [("rules", index, "when")]
    return [("rules", index, "cases", number, "when") for number in range(len(conditions))]


def _parts(condition: Condition, path: Path, document: object) -> Iterator[tuple[Condition, Path]]:
    """The parts of a group with their paths; a comparison that became several keeps its own."""
    if isinstance(condition, Not):
        yield condition.part, (*path, "not")
    elif isinstance(condition, All | Any):
        word = "all" if isinstance(condition, All) else "any"
        written = value_at(document, path)
        is_one = isinstance(written, dict) and "metric" in written
        for number, part in enumerate(condition.parts):
            yield part, path if is_one else (*path, word, number)


def _about_thresholds(condition: Condition, path: Path, document: object) -> Iterator[Fault]:
    """Thresholds that every weather passes, or none."""
    for part, inner in _parts(condition, path, document):
        yield from _about_thresholds(part, inner, document)
    if not isinstance(condition, Comparison) or (condition.over and condition.over.adds_up):
        return
    for threshold in condition.thresholds:
        passed = beyond(threshold.comparator, threshold.value)
        possible = _possible(condition.metric, condition.unit)
        if not possible & passed:
            yield from faults_of(f"is never true: {_range(condition)}", (*path, threshold.comparator.value), document)
        elif not possible - passed:
            yield from faults_of(f"is always true: {_range(condition)}", (*path, threshold.comparator.value), document)


@cache
def _possible(metric: Metric, unit: str) -> Intervals:
    lowest, highest = (from_canonical(metric, bound, unit) for bound in BOUNDS[metric])
    return beyond(Comparator.AT_LEAST, lowest) & beyond(Comparator.AT_MOST, highest)


def _range(leaf: Comparison) -> str:
    lowest, highest = (from_canonical(leaf.metric, bound, leaf.unit) for bound in BOUNDS[leaf.metric])
    return f"{leaf.metric} lies between {_quantity(lowest, leaf.unit)} and {_quantity(highest, leaf.unit)}"


def _quantity(value: float, unit: str) -> str:
    return f"{value:g}" if unit == "index" else f"{value:g} {unit}"


def _never(condition: Condition, path: Path, document: object) -> Iterator[Fault]:
    """Groups of which two parts cannot be true at once."""
    for part, inner in _parts(condition, path, document):
        yield from _never(part, inner, document)
    if isinstance(condition, All) and len(condition.parts) <= _MOST_PARTS:
        for (first, one), (second, other) in combinations(enumerate(condition.parts), 2):
            if excludes(one, other):
                sentence = f"is never true: its parts {first + 1} and {second + 1} exclude each other"
                yield from faults_of(sentence, path, document)
                return


def _about_cases(conditions: Sequence[Condition], paths: Sequence[Path], document: object) -> Iterator[Fault]:
    if len(conditions) == 1:
        return
    for number, condition in enumerate(conditions):
        earlier = conditions[:number]
        known = [before for before, one in enumerate(earlier, 1) if implies(condition, one)]
        if known:
            yield from faults_of(f"never wins: case {known[0]} is true whenever it is", paths[number], document)
        elif earlier and _leave_nothing(earlier, condition):
            yield from faults_of("never wins: the cases before it leave nothing to it", paths[number], document)
    bands = _alike([band_of(condition) for condition in conditions])
    for gap in _gaps(bands):
        sentence = f"leaves a gap between its cases: none is true {_where(gap, bands[0])}"
        yield from faults_of(sentence, paths[0][:3], document)


def _leave_nothing(earlier: Sequence[Condition], condition: Condition) -> bool:
    bands = _alike([band_of(one) for one in (condition, *earlier)])
    if not bands:
        return False
    taken = union(part for band in bands[1:] for part in band.numbers.parts)
    return not (bands[0].numbers & _possible(bands[0].metric, CANONICAL_UNITS[bands[0].metric])) - taken


def _alike(bands: Sequence[Band | None]) -> list[Band]:
    """The bands if all are there and ask for the same number; else none."""
    found = [band for band in bands if band]
    same = len(found) == len(bands) and len({(band.metric, band.over) for band in found}) == 1
    return found if same else []


def _gaps(bands: Sequence[Band]) -> list[tuple[float, float]]:
    """Where no band is, between two, as narrow as a slip is."""
    whole = union(part for band in bands for part in band.numbers.parts)
    widths = [end[0] - start[0] for band in bands for start, end in band.numbers.parts]
    narrowest = min((width for width in widths if width < float("inf")), default=0.0)
    between = [(before[1][0], after[0][0]) for before, after in pairwise(whole.parts)]
    return [(start, end) for start, end in between if end - start <= _SLIP * narrowest]


def _where(gap: tuple[float, float], band: Band) -> str:
    unit = CANONICAL_UNITS[band.metric]
    start, end = gap
    spoken = f"between {_quantity(start, unit)} and {_quantity(end, unit)}"
    return f"at {_quantity(start, unit)}" if start == end else spoken


def _about_fields(rules: Sequence[Rule], document: object) -> Iterator[Fault]:
    setting: dict[tuple[Entity, FieldName], dict[int, None]] = defaultdict(dict)
    for index, rule in enumerate(rules):
        for target in rule.targets if rule.enabled else ():
            setting[target.entity, target.field][index] = None
    for (entity, field), indexes in setting.items():
        if 1 < len(indexes) <= _MOST_RULES_OF_A_FIELD:
            yield from _at_odds(rules, list(indexes), f"{field.value} of {entity}", document)
            yield from _gaps_between(rules, list(indexes), f"{field.value} of {entity}", document)


def _at_odds(rules: Sequence[Rule], indexes: Sequence[int], what: str, document: object) -> Iterator[Fault]:
    """The first rule before each that may be active at the same time, with the same priority."""
    for number, index in enumerate(indexes):
        for before in indexes[:number]:
            one, other = rules[before], rules[index]
            if one.priority == other.priority and not never_together(one, other):
                first = min(one.id, other.id)
                sentence = (
                    f"sets the {what}, as rule {one.id} does, with the same priority {one.priority}; while both are "
                    f"active, {first} wins for its id: give one of them a higher priority"
                )
                yield from faults_of(sentence, ("rules", index), document)
                break


def _gaps_between(rules: Sequence[Rule], indexes: Sequence[int], what: str, document: object) -> Iterator[Fault]:
    concerned = [rules[index] for index in indexes]
    if len({place.id for rule in concerned for place in rule.places}) > 1:
        return
    bands = _alike([band_of(one) for rule in concerned for one in conditions_in(rule.condition)])
    if bands and not any(rule.number_of_cases > 1 for rule in concerned):
        for gap in _gaps(bands):
            sentence = f"leaves a gap to the other rules on the {what}: none is true {_where(gap, bands[0])}"
            yield from faults_of(sentence, ("rules", indexes[-1], "when"), document)
