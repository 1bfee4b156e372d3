"""The door of rule files: text in, rules out, or every fault at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypedDict, cast

from marshmallow import ValidationError

from weathertrigger.domain.active_hours import ALWAYS, ActiveHours, Dates, Span
from weathertrigger.domain.condition import When
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.hold import Hold, OnNoData
from weathertrigger.domain.rule import ManualChange, Mode, Quorum, Rule, Target
from weathertrigger.domain.weather import Place
from weathertrigger.errors import Fault, InvalidRules
from weathertrigger.rule_files.advice import advice_on
from weathertrigger.rule_files.durations import LONGEST_INTERVAL, spoken
from weathertrigger.rule_files.faults import Path as FaultPath
from weathertrigger.rule_files.faults import faults_of, in_order, origin_of
from weathertrigger.rule_files.reach import beyond, warnings_of
from weathertrigger.rule_files.read import Block, Items, line_of, read
from weathertrigger.rule_files.schema import FILE_SCHEMA, MOST_RULES, schema_of
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.strict import StrictSchema
from weathertrigger.rule_files.templates import WrittenOut, write_out
from weathertrigger.time_zones import zone_of

_BY_CLOCK = ("at", "spans", "dates")

MOST_FAULTS = 1000
"""After so many the rules that follow are not looked at."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a valid rules file says: whose rules, the rules in the file's order with every template written out, and
    what to tell their author. `written` says which rule of the file each is, where there are templates."""

    owner: str
    rules: tuple[Rule, ...]
    warnings: tuple[Fault, ...] = ()
    written: tuple[int, ...] = ()

    def path(self, index: int) -> str:
        """Where in the file the rule of this index stands: `rules[2]`."""
        return f"rules[{self.written[index] if self.written else index}]"


class _Outer(TypedDict, total=False):
    owner: str
    rules: list[object]


class _Words(TypedDict, total=False):
    """A rule as its schema leaves it; of a faulty rule, the keys that are well."""

    id: str
    name: str
    place: Place
    other_places: tuple[Place, ...]
    quorum: Quorum | int
    interval: timedelta
    at: int
    catch_up: timedelta
    hold: Hold
    on_no_data: OnNoData
    spans: tuple[Span, ...]
    dates: Dates
    condition: When
    targets: tuple[Target, ...]
    priority: int
    mode: Mode
    enabled: bool
    largest_raise: Decimal
    on_manual_change: ManualChange


def load_rules(
    text: str | bytes,
    *,
    name: str,
    minimum_interval: timedelta,
    horizon: Horizon | None = None,
    folder: Path | None = None,
) -> RuleFile:
    """Reads YAML or JSON. `name` is what to call the file in a fault; `minimum_interval` is the installation's.

    `horizon` is how far the installation's forecasts reach; windows are not held against it where it is not given.
    `folder` is where the rows of templates are looked for; where it is not given, no other file is read.

    Raises:
        InvalidRules: with every fault, in the order of their lines; of a hopeless file the first thousand or so.
    """
    document = read(text, name=name)
    faults: list[Fault] = []
    outer = cast("_Outer", _load(FILE_SCHEMA, document, (), document, faults))
    document, written = _written_out(document, outer, folder, faults)
    rules: list[_Words] = []
    for index, rule in enumerate(written):
        if len(faults) >= MOST_FAULTS:
            faults.append(Fault("", f"more than {MOST_FAULTS} faults; the rest of {name} was not looked at", None))
            break
        rules.append(cast("_Words", _load(schema_of(rule), rule, ("rules", index), document, faults)))
    faults += _too_often(rules, minimum_interval, document)
    faults += _repeated(rules, document)
    faults += _without_time_zone(rules, document)
    faults += _too_far(rules, horizon, document)
    if faults:
        raise InvalidRules(in_order(faults, document))
    loaded = tuple(_rule(words, outer["owner"]) for words in rules)
    told = [*warnings_of(loaded, horizon, document), *advice_on(loaded, document), *_other_clocks(loaded, document)]
    warnings = in_order(told, document)
    return RuleFile(outer["owner"], loaded, tuple(warnings), tuple(origin.rule for origin in written.origins))


def _written_out(
    document: object, outer: _Outer, folder: Path | None, faults: list[Fault]
) -> tuple[object, WrittenOut]:
    """The document with its templates written out, and its rules; what cannot be is added to the faults."""
    rules = outer.get("rules")
    if not isinstance(document, Block) or not isinstance(rules, Items):
        return document, WrittenOut(1)
    written, refused = write_out(rules, folder)
    for origin, messages in refused:
        found = faults_of(messages, ("rules", origin.rule), document)
        faults += [replace(fault, row=origin.row) for fault in found]
    if len(written) > MOST_RULES:
        faults += faults_of(f"makes {len(written)} rules; at most {MOST_RULES} are read", ("rules",), document)
    whole = Block(document.line)
    whole.lines = document.lines
    whole.update({**document, "rules": written})
    return whole, written


def _load(schema: StrictSchema, value: object, at: FaultPath, document: object, faults: list[Fault]) -> object:
    """What is well of the value; what is not is added to the faults."""
    try:
        return schema.read(value)
    except ValidationError as error:
        faults += faults_of(error.messages, at, document)
        return error.valid_data or {}


def _too_often(rules: list[_Words], minimum: timedelta, document: object) -> Iterator[Fault]:
    for index, words in enumerate(rules):
        if "interval" in words and words["interval"] < minimum:
            sentence = f"is too short; the shortest is {spoken(minimum)}"
            yield from faults_of(sentence, ("rules", index, "every"), document)
        if "at" in words and "interval" in words and words["interval"] != LONGEST_INTERVAL:
            sentence = f"is one time a day; it goes with every: {spoken(LONGEST_INTERVAL)}"
            yield from faults_of(sentence, ("rules", index, "at"), document)


def _too_far(rules: list[_Words], horizon: Horizon | None, document: object) -> Iterator[Fault]:
    if horizon is None:
        return
    for index, words in enumerate(rules):
        condition = words.get("condition")  # as it was written, if it is no condition
        if isinstance(condition, When):
            yield from beyond(condition, horizon, index, document)


def _repeated(rules: list[_Words], document: object) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, words in enumerate(rules):
        earlier = first.setdefault(words["id"], index) if "id" in words else index
        if earlier != index:
            origin = origin_of(("rules", earlier), document)
            line = line_of(document, ("rules", earlier, "id"))
            where = f"of {origin.row}" if origin and origin.row else f"on line {line}"
            sentence = f"{shown(words['id'])} is used twice; the first is {where}"
            yield from faults_of(sentence, ("rules", index, "id"), document)


def _without_time_zone(rules: list[_Words], document: object) -> Iterator[Fault]:
    """A rule that goes by the clocks of its place needs to know them."""
    for index, words in enumerate(rules):
        by_clock = [key for key in _BY_CLOCK if key in words]
        place = words.get("place")  # as it was written, if that is no place
        if by_clock and isinstance(place, Place) and zone_of(place) is None:
            key = "places" if "other_places" in words else "place"
            sentence = (
                f"the time zone of these coordinates is not known; write {key}: {{latitude, longitude, timezone}}"
            )
            yield from faults_of(sentence, ("rules", index, key), document)


def _other_clocks(rules: tuple[Rule, ...], document: object) -> Iterator[Fault]:
    """A rule that goes by the clocks of one place looks at others whose clocks say something else."""
    for index, rule in enumerate(rules):
        if rule.other_places and (rule.active is not None or rule.at is not None):
            first, *others = [zone_of(place) for place in rule.places]
            if any(zone != first for zone in others):
                sentence = f"lie in several time zones; active, dates and at go by that of the first, {first}"
                yield from faults_of(sentence, ("rules", index, "places"), document)


def _active(words: _Words) -> ActiveHours | None:
    if "spans" not in words and "dates" not in words:
        return None
    return ActiveHours(words.get("spans", ALWAYS), words.get("dates", Dates()))


def _rule(words: _Words, owner: str) -> Rule:
    return Rule(
        id=words["id"],
        owner=owner,
        name=words.get("name", words["id"]),
        place=words["place"],
        other_places=words.get("other_places", ()),
        quorum=words["quorum"] if words.get("other_places") else Quorum.ALL,
        condition=words["condition"],
        interval=words["interval"],
        at=words.get("at"),
        catch_up=words.get("catch_up"),
        hold=words["hold"],
        on_no_data=words["on_no_data"],
        active=_active(words),
        targets=words["targets"],
        priority=words["priority"],
        mode=words["mode"],
        enabled=words["enabled"],
        largest_raise=words.get("largest_raise"),
        on_manual_change=words["on_manual_change"],
    )
