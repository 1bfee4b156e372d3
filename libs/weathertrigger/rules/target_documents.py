"""Targets as canonical JSON: what a rule sets, and how it leaves it; see `canonical.py`."""

from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.rule import Ending, Entity, FieldName, Level, Otherwise, SetStatus, Status, Target
from weathertrigger.rules.canonical import Document, read_canonical
from weathertrigger.rules.case_targets import Aim, Settings
from weathertrigger.rules.expression_documents import SHARED_BUDGET, expression_document, parse_expression

_LEVELS = {member.value: member for member in Level}  # faster than the call of the enum


def otherwise_document(otherwise: Otherwise) -> str | Document:
    """`"baseline"`, `"leave"` or `{"status": "paused"}`."""
    return otherwise.value if isinstance(otherwise, Ending) else expression_document(otherwise)


def read_otherwise(document: Json) -> Otherwise:
    """The `otherwise` that `otherwise_document` wrote.

    Raises:
        ValueError: not a canonical `otherwise`.
    """
    return read_canonical(_otherwise, document, "otherwise")


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
    return read_canonical(parse_target, document, "target")


def parse_target(document: Json) -> Target:
    """The target of a rule without cases."""
    entity = _entity(document)
    ((field, wanted),) = document["set"].items()
    allowance = {key: document[key] for key in (SHARED_BUDGET,) if key in document}
    expression = parse_expression(document["set"] if field == FieldName.STATUS else wanted | allowance)
    return Target(entity, FieldName(field), expression, _otherwise(document["otherwise"]))


def settings_document(settings: Settings) -> Document:
    """What one case sets: `{"status": "enabled", "daily_budget": {"change": "+20 %"}}`."""
    return {
        field.value: wanted.status.value if isinstance(wanted, SetStatus) else expression_document(wanted)
        for field, wanted in settings.items()
    }


def parse_settings(document: Json) -> Settings:
    """What `settings_document` wrote."""
    return {
        FieldName(field): parse_expression({"status": wanted} if field == FieldName.STATUS else wanted)
        for field, wanted in document.items()
    }


def aim_document(aim: Aim) -> Document:
    """A target of a rule with cases, each of which says what it sets: `{"account": ..., "otherwise": "baseline"}`."""
    return {
        "account": aim.entity.account_id,
        aim.entity.level.value: aim.entity.id,
        **({SHARED_BUDGET: "allow"} if aim.shared_budget else {}),
        "otherwise": otherwise_document(aim.otherwise),
    }


def parse_aim(document: Json) -> Aim:
    """What `aim_document` wrote."""
    return Aim(_entity(document), _otherwise(document["otherwise"]), SHARED_BUDGET in document)


def _otherwise(document: Json) -> Otherwise:
    return Ending(document) if isinstance(document, str) else SetStatus(Status(document["status"]))


def _entity(document: Json) -> Entity:
    (level,) = (level for key, level in _LEVELS.items() if key in document)
    return Entity(document["account"], level, document[level.value])
