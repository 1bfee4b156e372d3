"""The targets of a rule with cases: every case sets its fields on every entity that the rule acts on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from weathertrigger.domain.rule import (
    ChangePercent,
    Ending,
    Entity,
    Expression,
    FieldName,
    Otherwise,
    SetAmount,
    SetStatus,
    Target,
)

Settings = Mapping[FieldName, Expression]
"""What one case sets."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An entity that a rule with cases acts on, how it is left, and whether its budget may be a shared one."""

    entity: Entity
    otherwise: Otherwise = Ending.BASELINE
    shared_budget: bool = False


def targets_of(aims: Iterable[Aim], cases: Sequence[Settings]) -> tuple[Target, ...]:
    """A target for each entity, case and field, in this order; of fields in that of their enum."""
    return tuple(
        Target(aim.entity, field, _allowed(aim, field, cases[number][field]), _otherwise(aim, field), number + 1)
        for aim in aims
        for number in range(len(cases))
        for field in FieldName
        if field in cases[number]
    )


def aims_of(targets: Iterable[Target]) -> list[Aim]:
    """The entities of a rule's targets."""
    by_entity: dict[Entity, Aim] = {}
    for target in targets:
        before = by_entity.get(target.entity, Aim(target.entity, target.otherwise))
        by_entity[target.entity] = Aim(
            target.entity,
            target.otherwise if isinstance(target.otherwise, SetStatus) else before.otherwise,
            before.shared_budget or _is_shared(target.expression),
        )
    return list(by_entity.values())


def settings_of(targets: Iterable[Target], number_of_cases: int) -> list[dict[FieldName, Expression]]:
    """What each case sets, whichever the entity."""
    cases: list[dict[FieldName, Expression]] = [{} for _ in range(number_of_cases)]
    for target in targets:
        cases[target.case - 1].setdefault(target.field, _without_allowance(target.expression))
    return cases


def _otherwise(aim: Aim, field: FieldName) -> Otherwise:
    """A status to end with is that of the status; everything else then goes back to its baseline."""
    if isinstance(aim.otherwise, SetStatus) and field is not FieldName.STATUS:
        return Ending.BASELINE
    return aim.otherwise


def _allowed(aim: Aim, field: FieldName, wanted: Expression) -> Expression:
    if aim.shared_budget and field is FieldName.DAILY_BUDGET and isinstance(wanted, SetAmount | ChangePercent):
        return replace(wanted, shared_budget=True)
    return wanted


def _is_shared(expression: Expression) -> bool:
    return isinstance(expression, SetAmount | ChangePercent) and expression.shared_budget


def _without_allowance(expression: Expression) -> Expression:
    return replace(expression, shared_budget=False) if isinstance(expression, SetAmount | ChangePercent) else expression
