"""What a rule changes: one entity of an ad account, the fields to set, and what happens afterwards."""

from enum import StrEnum
from typing import Never, TypedDict

from marshmallow import ValidationError, post_load, validates_schema

from weathertrigger.domain.rule import (
    Ending,
    Entity,
    Expression,
    FieldName,
    Level,
    Otherwise,
    SetStatus,
    Status,
    Target,
)
from weathertrigger.rule_files.budgets import budget_from
from weathertrigger.rule_files.modifiers import modifier_from
from weathertrigger.rule_files.scalars import entity_id_from, own_id_from, word_of
from weathertrigger.rule_files.sentences import choices, hint, shown
from weathertrigger.rule_files.shapes import either, items, one_of, shaped, taken_by
from weathertrigger.rule_files.strict import Read, StrictSchema, each
from weathertrigger.rules.case_targets import Aim, targets_of

MOST_TARGETS = 100
"""Targets in one rule."""

_status_from = word_of(Status, "a status")


class _SharedBudget(StrEnum):
    """What a target may say of a budget that several campaigns share; without a word it is refused (semantics 22)."""

    ALLOW = "allow"


@shaped(taken_by(_status_from))
def _set_status_from(value: object) -> SetStatus:
    return SetStatus(_status_from(value))


class SetSchema(StrictSchema):
    """`{status: enabled, daily_budget: 60.00 EUR}`: at least one field."""

    status = Read(_set_status_from)
    daily_budget = Read(budget_from)
    lifetime_budget = Read(budget_from)
    bid = Read(budget_from)
    bid_modifier = Read(modifier_from)

    @validates_schema(pass_original=True)
    def not_empty(self, _data: object, original: dict[str, object], **_: object) -> None:
        """A target sets something."""
        if not original:
            raise ValidationError(f"sets nothing; write {choices(self.load_fields)}")


class OtherwiseSchema(StrictSchema):
    """`{status: paused}`."""

    not_yet = frozenset({"daily_budget", "lifetime_budget", "bid"})

    status = Read(_set_status_from, required=True)


_ONE_LEVEL = {"oneOf": [{"required": [level.value]} for level in Level]}
_SET, _OTHERWISE = SetSchema(), OtherwiseSchema()


@shaped(lambda writer: writer.mapping(_SET, minProperties=1))
def set_from(value: object) -> dict[FieldName, Expression]:
    """What to set, by field.

    Raises:
        ValidationError: every fault by field; nothing to set.
    """
    if not isinstance(value, dict):
        raise ValidationError(f"{shown(value)} is not a setting; write for example {{status: enabled}}")
    return {FieldName(field): wanted for field, wanted in _SET.read(value).items()}


@shaped(either(one_of(Ending), lambda writer: writer.mapping(_OTHERWISE)))
def _otherwise_from(value: object) -> Otherwise:
    if isinstance(value, dict):
        status: SetStatus = _OTHERWISE.read(value)["status"]
        return status
    if isinstance(value, str) and value in set(Ending):
        return Ending(value)
    advice = hint(value, [*Ending, "{status: paused}"])
    raise ValidationError(f"{shown(value)} is not an ending; {advice}")


class _Wanted(TypedDict, total=False):
    account: str
    fields_to_set: dict[FieldName, Expression]
    otherwise: Otherwise
    campaign: str
    ad_set: str
    ad_group: str
    ad: str
    location: str
    shared_budget: _SharedBudget


class EntitySchema(StrictSchema):
    """What a target says but for what it sets: `{account: meta-acme, ad_set: "23847", otherwise: baseline}`."""

    account = Read(own_id_from, required=True)
    campaign = Read(entity_id_from)
    ad_set = Read(entity_id_from)
    ad_group = Read(entity_id_from)
    ad = Read(entity_id_from)
    location = Read(entity_id_from)
    shared_budget = Read(word_of(_SharedBudget, "a word for shared budgets"))
    otherwise = Read[Otherwise](_otherwise_from, default=Ending.BASELINE)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def one_entity(self, _data: _Wanted, original: object, **_: object) -> None:
        """Exactly one of the levels is named."""
        if not isinstance(original, dict):
            return
        named = [level.value for level in Level if level in original]
        if not named:
            raise ValidationError(f"names no entity; write {choices(Level)}")
        if len(named) > 1:
            raise ValidationError(f"names {' and '.join(named)}; write one target for each")


class TargetSchema(EntitySchema):
    """`{account: meta-acme, ad_set: "23847", set: {status: enabled}, otherwise: baseline}`."""

    fields_to_set = Read(set_from, key="set", required=True)

    @validates_schema
    def otherwise_has_its_field(self, data: _Wanted, **_: object) -> None:
        """A status to end with belongs to a status that was set."""
        if isinstance(data["otherwise"], SetStatus) and FieldName.STATUS not in data["fields_to_set"]:
            raise ValidationError({"otherwise": ["names a status, but this target sets none; use baseline or leave"]})

    @validates_schema
    def shared_budget_has_its_field(self, data: _Wanted, **_: object) -> None:
        """A word for shared budgets belongs to a budget that is set."""
        if "shared_budget" in data and FieldName.DAILY_BUDGET not in data["fields_to_set"]:
            raise ValidationError({"shared_budget": ["belongs to a daily_budget, and this target sets none"]})

    @post_load
    def to_targets(self, data: _Wanted, **_: object) -> list[Target]:
        """One target for each field; an explicit status ends the status, and budgets then go back to the baseline."""
        return list(targets_of([_aim(data)], [data["fields_to_set"]]))


@shaped({"not": {}})
def _no_set_from(_: object) -> Never:
    raise ValidationError("stands in each case, and in no target of a rule with cases")


class AimSchema(EntitySchema):
    """A target of a rule with cases, which say what is set: `{account: google-ice, campaign: "11"}`."""

    fields_to_set = Read(_no_set_from, key="set")

    @post_load
    def to_aim(self, data: _Wanted, **_: object) -> Aim:
        """The entity, and how it is left."""
        return _aim(data)


def _aim(data: _Wanted) -> Aim:
    level = next(level for level in Level if level.value in data)
    return Aim(Entity(data["account"], level, data[level.value]), data["otherwise"], "shared_budget" in data)


_TARGET, _AIM = TargetSchema(), AimSchema()


@shaped(items(lambda writer: writer.mapping(_TARGET, **_ONE_LEVEL), minItems=1, maxItems=MOST_TARGETS))
def targets_from(value: object) -> tuple[Target, ...]:
    """All targets of a rule, one for each entity and field.

    Raises:
        ValidationError: every fault by index; one field of one entity set twice.
    """
    groups: list[list[Target]] = each(_listed(value), _TARGET.read)
    first: dict[tuple[Entity, FieldName], int] = {}
    for index, group in enumerate(groups):
        for target in group:
            earlier = first.setdefault((target.entity, target.field), index)
            if earlier != index:
                sentence = f"sets {target.field} of {target.entity} again; targets[{earlier}] did so already"
                raise ValidationError({index: [sentence]})
    return tuple(target for group in groups for target in group)


@shaped(items(lambda writer: writer.mapping(_AIM, **_ONE_LEVEL), minItems=1, maxItems=MOST_TARGETS))
def aims_from(value: object) -> list[Aim]:
    """All targets of a rule with cases.

    Raises:
        ValidationError: every fault by index; one entity named twice.
    """
    aims: list[Aim] = each(_listed(value), _AIM.read)
    first: dict[Entity, int] = {}
    for index, aim in enumerate(aims):
        earlier = first.setdefault(aim.entity, index)
        if earlier != index:
            raise ValidationError({index: [f"names {aim.entity} again; targets[{earlier}] did so already"]})
    return aims


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValidationError("is not a list of targets; write each after a '-'")
    if not 0 < len(value) <= MOST_TARGETS:
        raise ValidationError(f"has {len(value)} targets; write 1 to {MOST_TARGETS}")
    return value
