"""The canonical JSON of rules and their parts: what is stored, compared and exported.

It is the language of rule files in its strictest spelling: but for `owner`, which stands once in a file, a canonical
rule under `rules:` loads again.
Money and percentages are text ("60.00 EUR", "+20 %"), keys come in one order, equal parts have equal documents.
Readers expect what a writer of this module made; a document that cannot be read raises ValueError, never another error.
"""

from collections.abc import Callable
from typing import Any as Json  # JSON of our own making: its shape is checked by reading it
from typing import TypeVar

from weathertrigger.domain.condition import (
    All,
    Any,
    Cases,
    Comparator,
    Comparison,
    Condition,
    Flag,
    Leaf,
    Membership,
    Not,
    Threshold,
    Trend,
    Truth,
    When,
)
from weathertrigger.domain.rule import (
    Ending,
    Entity,
    Expression,
    FieldName,
    Level,
    ManualChange,
    Mode,
    Otherwise,
    Quorum,
    Rule,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.domain.weather import Metric, Place, WeatherKind, place_at
from weathertrigger.rules.case_targets import Aim, Settings, aims_of, settings_of, targets_of
from weathertrigger.rules.expression_documents import (
    LARGEST_RAISE,
    SHARED_BUDGET,
    parse_expression,
    percent_of,
    percent_text,
    write_expression,
)
from weathertrigger.rules.time_documents import (
    read_active,
    read_hold,
    read_length,
    read_on_no_data,
    read_time,
    time_documents,
)
from weathertrigger.rules.window_documents import over_document, read_over, read_trend, trend_document

Document = dict[str, object]

_T = TypeVar("_T")

# Looking a member up in a dict takes a fifth of the time of calling its enum, and every check of a rule reads several.
_METRICS = {member.value: member for member in Metric}
_COMPARATORS = {member.value: member for member in Comparator}
_KINDS = {member.value: member for member in WeatherKind}
_LEVELS = {member.value: member for member in Level}


def condition_document(condition: When) -> Document:
    """The condition as JSON: `{"all": [{"metric": "rain", "above": 0.5, "unit": "mm/h"}, ...]}`; those of cases as
    `{"cases": [{"metric": ...}, ...]}`."""
    match condition:
        case Cases(conditions):
            return {"cases": [condition_document(one) for one in conditions]}
        case All(parts):
            return {"all": [condition_document(part) for part in parts]}
        case Any(parts):
            return {"any": [condition_document(part) for part in parts]}
        case Not(part):
            return {"not": condition_document(part)}
        case _:
            return _leaf_document(condition)


def read_condition(document: Json) -> When:
    """The condition that `condition_document` wrote.

    Raises:
        ValueError: not a canonical condition.
    """
    return _read(_when, document, "condition")


def expression_document(expression: Expression) -> Document:
    """`{"status": "paused"}`, `{"to": "60.00 EUR"}` or `{"change": "+20 %", "max": "80.00 EUR"}`; of a bid modifier
    `{"to": 1.25}` or `{"change": "+20 %", "min": 0.1, "max": 10}`, always with its bounds."""
    return write_expression(expression)


def read_expression(document: Json) -> Expression:
    """The expression that `expression_document` wrote.

    Raises:
        ValueError: not a canonical expression.
    """
    return _read(parse_expression, document, "expression")


def otherwise_document(otherwise: Otherwise) -> str | Document:
    """`"baseline"`, `"leave"` or `{"status": "paused"}`."""
    return otherwise.value if isinstance(otherwise, Ending) else expression_document(otherwise)


def read_otherwise(document: Json) -> Otherwise:
    """The `otherwise` that `otherwise_document` wrote.

    Raises:
        ValueError: not a canonical `otherwise`.
    """
    return _read(_otherwise, document, "otherwise")


def target_document(target: Target) -> Document:
    """`{"account": "meta-acme", "ad_set": "23847", "set": {"status": "enabled"}, "otherwise": "baseline"}`. What an
    expression says of shared budgets is a key of the target here, as in a rules file."""
    wanted = expression_document(target.expression)
    allowance = {key: wanted.pop(key) for key in (SHARED_BUDGET,) if key in wanted}
    return {
        "account": target.entity.account_id,
        target.entity.level.value: target.entity.id,
        "set": wanted if target.field is FieldName.STATUS else {target.field.value: wanted},
        **allowance,
        "otherwise": otherwise_document(target.otherwise),
    }


def read_target(document: Json) -> Target:
    """The target that `target_document` wrote.

    Raises:
        ValueError: not a canonical target.
    """
    return _read(_target, document, "target")


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
    return _read(lambda whole: _rule(whole, version), document, "rule")


def _read(reader: Callable[[Json], _T], document: Json, what: str) -> _T:
    try:
        return reader(document)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a canonical {what}: {error!r}") from error


def _leaf_document(leaf: Leaf) -> Document:
    document: Document = {"metric": Metric.CONDITION.value}
    match leaf:
        case Comparison(metric, thresholds, unit):
            document = {"metric": metric.value, **_threshold_values(thresholds), "unit": unit}
        case Membership(kinds, negated):
            document["not_in" if negated else "in"] = sorted(kind.value for kind in kinds)
        case Flag(metric, wanted):
            document = {"metric": metric.value, "is": wanted}
        case Trend():
            document = trend_document(leaf)
    if not isinstance(leaf, Trend) and leaf.over is not None:
        document["over"] = over_document(leaf.over)
    if isinstance(leaf, Comparison) and leaf.release is not None:
        document["release"] = leaf.release
    if leaf.if_missing is not None:
        document["if_missing"] = leaf.if_missing
    return document


def _threshold_values(thresholds: tuple[Threshold, ...]) -> dict[str, float]:
    values = {threshold.comparator.value: threshold.value for threshold in thresholds}
    if len(values) < len(thresholds):
        raise ValueError(f"one comparator stands twice: {thresholds}")
    return values


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
            {"when": condition_document(condition), "set": _settings_document(wanted)}
            for condition, wanted in zip(conditions, settings, strict=True)
        ],
        "targets": [_aim_document(aim) for aim in aims_of(rule.targets)],
    }


def _settings_document(settings: Settings) -> Document:
    return {
        field.value: wanted.status.value if isinstance(wanted, SetStatus) else expression_document(wanted)
        for field, wanted in settings.items()
    }


def _aim_document(aim: Aim) -> Document:
    return {
        "account": aim.entity.account_id,
        aim.entity.level.value: aim.entity.id,
        **({SHARED_BUDGET: "allow"} if aim.shared_budget else {}),
        "otherwise": otherwise_document(aim.otherwise),
    }


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


def _when(document: Json) -> When:
    if "cases" in document:
        return Cases(tuple(_condition(one) for one in document["cases"]))
    return _condition(document)


def _condition(document: Json) -> Condition:
    if "metric" in document:
        return _leaf(document, _METRICS[document["metric"]], document.get("if_missing"))
    if "all" in document:
        return All(tuple(_condition(part) for part in document["all"]))
    if "any" in document:
        return Any(tuple(_condition(part) for part in document["any"]))
    return Not(_condition(document["not"]))


def _leaf(document: Json, metric: Metric, if_missing: Truth) -> Condition:
    if "within" in document:
        return read_trend(document, metric, if_missing)
    over = read_over(document["over"]) if "over" in document else None
    if "unit" in document:
        # In the order of the enum, whatever order a database gave the keys.
        thresholds = [Threshold(known, float(document[key])) for key, known in _COMPARATORS.items() if key in document]
        release = float(document["release"]) if "release" in document else None
        return Comparison(metric, tuple(thresholds), document["unit"], if_missing, over, release)
    if "is" in document:
        return Flag(metric, document["is"], if_missing, over)
    negated = "not_in" in document
    kinds = document["not_in" if negated else "in"]
    return Membership(frozenset([_KINDS[kind] for kind in kinds]), negated, if_missing, over)


def _otherwise(document: Json) -> Otherwise:
    return Ending(document) if isinstance(document, str) else SetStatus(Status(document["status"]))


def _entity(document: Json) -> Entity:
    (level,) = (level for key, level in _LEVELS.items() if key in document)
    return Entity(document["account"], level, document[level.value])


def _condition_and_targets(document: Json) -> tuple[When, tuple[Target, ...]]:
    if "cases" not in document:
        return _condition(document["when"]), tuple(_target(target) for target in document["targets"])
    cases = Cases(tuple(_condition(case["when"]) for case in document["cases"]))
    aims = [
        Aim(_entity(target), _otherwise(target["otherwise"]), SHARED_BUDGET in target) for target in document["targets"]
    ]
    return cases, targets_of(aims, [_settings(case["set"]) for case in document["cases"]])


def _settings(document: Json) -> Settings:
    return {
        FieldName(field): parse_expression({"status": wanted} if field == FieldName.STATUS else wanted)
        for field, wanted in document.items()
    }


def _target(document: Json) -> Target:
    entity = _entity(document)
    ((field, wanted),) = document["set"].items()
    allowance = {key: document[key] for key in (SHARED_BUDGET,) if key in document}
    expression = parse_expression(document["set"] if field == FieldName.STATUS else wanted | allowance)
    return Target(entity, FieldName(field), expression, _otherwise(document["otherwise"]))


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
