"""Whole rules as canonical JSON; see `canonical.py`."""

from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.condition import Cases, When
from weathertrigger.domain.rule import ManualChange, Mode, Quorum, Rule, Target
from weathertrigger.domain.weather import Place, place_at
from weathertrigger.rules.canonical import Document, read_canonical
from weathertrigger.rules.case_targets import aims_of, settings_of, targets_of
from weathertrigger.rules.condition_documents import condition_document, parse_condition
from weathertrigger.rules.expression_documents import LARGEST_RAISE, percent_of, percent_text
from weathertrigger.rules.target_documents import (
    aim_document,
    parse_aim,
    parse_settings,
    parse_target,
    settings_document,
    target_document,
)
from weathertrigger.rules.time_documents import (
    read_active,
    read_hold,
    read_length,
    read_on_no_data,
    read_time,
    time_documents,
)


def rule_document(rule: Rule) -> Document:
    """The whole rule but its version, which counts edits and so is no part of what the user wrote.

    Two rules have equal documents when applying one over the other changes nothing.
    """
    return {
        "id": rule.id,
        "owner": rule.owner,
        "name": rule.name,
        **_places_documents(rule),
        **time_documents(rule),
        **_verdict_documents(rule),
        "priority": rule.priority,
        "mode": rule.mode.value,
        "enabled": rule.enabled,
        **({} if rule.largest_raise is None else {"caps": {LARGEST_RAISE: percent_text(rule.largest_raise)}}),
        **({} if rule.on_manual_change is ManualChange.YIELD else {"on_manual_change": rule.on_manual_change.value}),
    }


def read_rule(document: Json, *, version: int = 1) -> Rule:
    """The rule that `rule_document` wrote.

    Raises:
        ValueError: not a canonical rule.
    """
    return read_canonical(lambda whole: _rule(whole, version), document, "rule")


def _verdict_documents(rule: Rule) -> Document:
    """What is asked of the weather and what is set then; see `_condition_and_targets`."""
    if not isinstance(rule.condition, Cases):
        return {
            "when": condition_document(rule.condition),
            "targets": [target_document(target) for target in rule.targets],
        }
    conditions = rule.condition.conditions
    settings = settings_of(rule.targets, len(conditions))
    return {
        "cases": [
            {"when": condition_document(condition), "set": settings_document(wanted)}
            for condition, wanted in zip(conditions, settings, strict=True)
        ],
        "targets": [aim_document(aim) for aim in aims_of(rule.targets)],
    }


def _condition_and_targets(document: Json) -> tuple[When, tuple[Target, ...]]:
    if "cases" not in document:
        return parse_condition(document["when"]), tuple(parse_target(target) for target in document["targets"])
    cases = Cases(tuple(parse_condition(case["when"]) for case in document["cases"]))
    aims = [parse_aim(target) for target in document["targets"]]
    return cases, targets_of(aims, [parse_settings(case["set"]) for case in document["cases"]])


def _places_documents(rule: Rule) -> Document:
    if not rule.other_places:
        return {"place": _place_document(rule.place)}
    # A list: PostgreSQL keeps no order of keys, and the first place is the one that counts where there can be but one.
    quorum = rule.quorum.value if isinstance(rule.quorum, Quorum) else rule.quorum
    return {"places": [_place_document(place) for place in rule.places], "quorum": quorum}


def _place_document(place: Place) -> Document:
    document: Document = {"latitude": place.latitude, "longitude": place.longitude}
    if place.name is not None:
        document["name"] = place.name
    if place.time_zone is not None:
        document["timezone"] = place.time_zone
    return document


def _rule(document: Json, version: int) -> Rule:
    places = [_place(one) for one in document.get("places") or [document["place"]]]
    condition, targets = _condition_and_targets(document)
    return Rule(
        id=document["id"],
        owner=document["owner"],
        name=document["name"],
        place=places[0],
        other_places=tuple(places[1:]),
        quorum=_quorum(document["quorum"]) if "places" in document else Quorum.ALL,
        condition=condition,
        interval=read_length(document["every"]),
        at=read_time(document["at"]) if "at" in document else None,
        catch_up=read_length(document["catch_up"]) if "catch_up" in document else None,
        active=read_active(document),
        hold=read_hold(document),
        on_no_data=read_on_no_data(document),
        targets=targets,
        priority=document["priority"],
        mode=Mode(document["mode"]),
        enabled=document["enabled"],
        largest_raise=percent_of(document["caps"][LARGEST_RAISE]) if "caps" in document else None,
        on_manual_change=ManualChange(document.get("on_manual_change", ManualChange.YIELD)),
        version=version,
    )


def _place(document: Json) -> Place:
    return place_at(
        document["latitude"], document["longitude"], name=document.get("name"), time_zone=document.get("timezone")
    )


def _quorum(document: Json) -> Quorum | int:
    return Quorum(document) if isinstance(document, str) else int(document)
