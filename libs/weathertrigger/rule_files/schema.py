"""The two outer schemas of a rules file: the file, and one rule of it. The parts have a file each."""

from typing import Never, TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.condition import Cases
from weathertrigger.domain.hold import NO_HOLD, OnNoData
from weathertrigger.domain.rule import FieldName, ManualChange, Mode, Quorum, SetStatus
from weathertrigger.domain.weather import Place
from weathertrigger.rule_files.active_hours import active_from, dates_from, time_of_day_from
from weathertrigger.rule_files.caps import caps_from
from weathertrigger.rule_files.cases import Case, cases_from
from weathertrigger.rule_files.conditions import when_from
from weathertrigger.rule_files.durations import catch_up_from, interval_from
from weathertrigger.rule_files.holds import hold_from
from weathertrigger.rule_files.places import place_from, places_from, quorum_from
from weathertrigger.rule_files.scalars import name_from, own_id_from, priority_from, word_of, yes_or_no_from
from weathertrigger.rule_files.shapes import shaped
from weathertrigger.rule_files.strict import Read, StrictSchema
from weathertrigger.rule_files.targets import aims_from, targets_from
from weathertrigger.rules.case_targets import Aim, targets_of

MOST_RULES = 10_000
"""Rules in one file."""


class _Places(TypedDict, total=False):
    place: Place
    places: tuple[Place, ...]
    other_places: tuple[Place, ...]
    quorum: Quorum | int


class _Cases(TypedDict):
    cases: list[Case]
    targets: list[Aim]


@shaped({"type": "array"})
def _rules_from(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValidationError("is not a list of rules; write each after a '-'")
    if not 0 < len(value) <= MOST_RULES:
        raise ValidationError(f"has {len(value)} rules; write 1 to {MOST_RULES}")
    return value


class FileSchema(StrictSchema):
    """`owner` and `rules`. The rules stay as they are, to be read one by one."""

    error_messages = {"type": "a rules file holds owner: and rules:"}  # noqa: RUF012 - marshmallow reads it from the class

    owner = Read(own_id_from, required=True)
    rules = Read(_rules_from, required=True)


class RuleSchema(StrictSchema):
    """One rule, to a dict of `domain.rule.Rule`'s own words but for owner and version."""

    error_messages = {"type": "a rule is a mapping with id, place, every, when and targets"}  # noqa: RUF012 - as above

    not_yet = frozenset({"notify"})

    id = Read(own_id_from, required=True)
    name = Read(name_from)
    place = Read(place_from)
    places = Read(places_from)
    quorum = Read[Quorum | int](quorum_from)
    interval = Read(interval_from, key="every", required=True)
    at = Read(time_of_day_from)
    catch_up = Read(catch_up_from)
    condition = Read(when_from, key="when", required=True)
    spans = Read(active_from, key="active")
    dates = Read(dates_from)
    hold = Read(hold_from, default=NO_HOLD)
    on_no_data = Read(word_of(OnNoData, "what to do without data"), default=OnNoData.HOLD)
    targets = Read(targets_from, required=True)
    priority = Read(priority_from, default=0)
    mode = Read(word_of(Mode, "a mode"), default=Mode.DRY_RUN)
    enabled = Read(yes_or_no_from, default=True)
    largest_raise = Read(caps_from, key="caps")
    on_manual_change = Read(word_of(ManualChange, "an answer to a change by hand"), default=ManualChange.YIELD)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def place_or_places(self, data: _Places, original: object, **_: object) -> None:
        """One place or several, and of several at how many it has to hold."""
        faults = _faults_of_places(data, original) if isinstance(original, dict) else {}
        if faults:
            raise ValidationError(faults)

    @post_load
    def first_and_others(self, data: _Places, **_: object) -> _Places:
        """The first place stands by itself."""
        if "places" in data:
            data["place"], *others = data.pop("places")
            data["other_places"] = tuple(others)
        return data


def _faults_of_places(data: _Places, original: dict[str, object]) -> dict[str, list[str]]:
    if "places" not in original:
        faults = {} if "place" in original else {"place": ["is missing"]}
        return faults | ({"quorum": ["belongs to places, and this rule has none"]} if "quorum" in original else {})
    if "place" in original:
        return {"places": ["stand beside place; write one of them"]}
    if "quorum" not in original:
        return {"quorum": ["is missing: say at how many of the places it has to hold; write any, all or a number"]}
    places, quorum = data.get("places"), data.get("quorum")
    if places and isinstance(quorum, int) and quorum > len(places):
        return {"quorum": [f"is {quorum}, and there are {len(places)} places"]}
    return {}


@shaped({"not": {}})
def _no_when_from(_: object) -> Never:
    raise ValidationError("stands beside cases; write it in the cases")


class RuleWithCasesSchema(RuleSchema):
    """One rule with `cases`, to the same words."""

    condition = Read(_no_when_from, key="when")
    cases = Read(cases_from, required=True)
    targets = Read(aims_from, required=True)  # type: ignore[arg-type]  # to_condition_and_targets makes targets of them

    @validates_schema
    def endings_have_their_field(self, data: _Cases, **_: object) -> None:
        """A status to end with, and a word for shared budgets, belong to a field that some case sets."""
        fields = {field for case in data["cases"] for field in case["settings"]}
        faults: dict[int, dict[str, list[str]]] = {}
        for index, aim in enumerate(data["targets"]):
            if isinstance(aim.otherwise, SetStatus) and FieldName.STATUS not in fields:
                faults[index] = {"otherwise": ["names a status, but no case sets one; use baseline or leave"]}
            elif aim.shared_budget and FieldName.DAILY_BUDGET not in fields:
                faults[index] = {"shared_budget": ["belongs to a daily_budget, and no case sets one"]}
        if faults:
            raise ValidationError({"targets": faults})

    @post_load
    def to_condition_and_targets(self, data: _Cases, **_: object) -> dict[str, object]:
        """The conditions of all cases, and a target for each entity, case and field."""
        cases = data["cases"]
        return {
            **data,
            "condition": Cases(tuple(case["condition"] for case in cases)),
            "targets": targets_of(data["targets"], [case["settings"] for case in cases]),
        }


FILE_SCHEMA = FileSchema()
RULE_SCHEMA, RULE_WITH_CASES_SCHEMA = RuleSchema(), RuleWithCasesSchema()


def schema_of(rule: object) -> StrictSchema:
    """The schema of this rule of a file, whatever it is."""
    return RULE_WITH_CASES_SCHEMA if isinstance(rule, dict) and "cases" in rule else RULE_SCHEMA
