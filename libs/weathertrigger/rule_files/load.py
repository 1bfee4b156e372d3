"""The door of rule files: text in, rules out, or every fault at once."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict, cast

from marshmallow import ValidationError

from weathertrigger.domain.condition import Condition
from weathertrigger.domain.forecast import Horizon
from weathertrigger.domain.rule import Mode, Rule, Target
from weathertrigger.domain.weather import Place
from weathertrigger.errors import Fault, InvalidRules
from weathertrigger.rule_files.durations import spoken
from weathertrigger.rule_files.faults import Path, faults_of
from weathertrigger.rule_files.reach import beyond, warnings_of
from weathertrigger.rule_files.read import line_of, read
from weathertrigger.rule_files.schema import FILE_SCHEMA, RULE_SCHEMA
from weathertrigger.rule_files.sentences import shown
from weathertrigger.rule_files.strict import StrictSchema

MOST_FAULTS = 1000
"""After so many the rules that follow are not looked at."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a valid rules file says: whose rules, the rules in the file's order, and what to tell their author."""

    owner: str
    rules: tuple[Rule, ...]
    warnings: tuple[Fault, ...] = ()


class _Outer(TypedDict, total=False):
    owner: str
    rules: list[object]


class _Words(TypedDict, total=False):
    """A rule as RULE_SCHEMA leaves it; of a faulty rule, the keys that are well."""

    id: str
    name: str
    place: Place
    interval: timedelta
    catch_up: timedelta
    condition: Condition
    targets: tuple[Target, ...]
    priority: int
    mode: Mode
    enabled: bool


def load_rules(
    text: str | bytes, *, name: str, minimum_interval: timedelta, horizon: Horizon | None = None
) -> RuleFile:
    """Reads YAML or JSON. `name` is what to call the file in a fault; `minimum_interval` is the installation's.

    `horizon` is how far the installation's forecasts reach; windows are not held against it where it is not given.

    Raises:
        InvalidRules: with every fault, in the order of their lines; of a hopeless file the first thousand or so.
    """
    document = read(text, name=name)
    faults: list[Fault] = []
    outer = cast("_Outer", _load(FILE_SCHEMA, document, (), document, faults))
    rules: list[_Words] = []
    for index, rule in enumerate(outer.get("rules", ())):
        if len(faults) >= MOST_FAULTS:
            faults.append(Fault("", f"more than {MOST_FAULTS} faults; the rest of {name} was not looked at", None))
            break
        rules.append(cast("_Words", _load(RULE_SCHEMA, rule, ("rules", index), document, faults)))
    faults += _too_often(rules, minimum_interval, document)
    faults += _repeated(rules, document)
    faults += _too_far(rules, horizon, document)
    if faults:
        raise InvalidRules(_in_order(faults))
    loaded = tuple(_rule(words, outer["owner"]) for words in rules)
    return RuleFile(outer["owner"], loaded, tuple(_in_order(warnings_of(loaded, horizon, document))))


def _in_order(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: (fault.line or math.inf, fault.path))


def _load(schema: StrictSchema, value: object, at: Path, document: object, faults: list[Fault]) -> object:
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


def _too_far(rules: list[_Words], horizon: Horizon | None, document: object) -> Iterator[Fault]:
    if horizon is None:
        return
    for index, words in enumerate(rules):
        if "condition" in words:
            yield from beyond(words["condition"], horizon, index, document)


def _repeated(rules: list[_Words], document: object) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, words in enumerate(rules):
        earlier = first.setdefault(words["id"], index) if "id" in words else index
        if earlier != index:
            line = line_of(document, ("rules", earlier, "id"))
            sentence = f"{shown(words['id'])} is used twice; the first is on line {line}"
            yield from faults_of(sentence, ("rules", index, "id"), document)


def _rule(words: _Words, owner: str) -> Rule:
    return Rule(
        id=words["id"],
        owner=owner,
        name=words.get("name", words["id"]),
        place=words["place"],
        condition=words["condition"],
        interval=words["interval"],
        catch_up=words.get("catch_up"),
        targets=words["targets"],
        priority=words["priority"],
        mode=words["mode"],
        enabled=words["enabled"],
    )
