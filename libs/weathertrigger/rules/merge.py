"""Who wins a field: a pure function of the states of all rules that claim it (semantics 19).

It is read under the field's lock, so the order in which messages arrive cannot matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from weathertrigger.domain.bid_modifier import LOWEST
from weathertrigger.domain.change import Winner, WinnerClass
from weathertrigger.domain.rule import (
    ChangeModifier,
    ChangePercent,
    Ending,
    Expression,
    Otherwise,
    RuleState,
    SetStatus,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One rule's relation to one field.

    `live`: the rule targets the field, is enabled, and neither it nor its account nor the installation is in dry run.
    `retiring`: it was live and has one last word left.
    `data_lost`: it has been without a verdict for so long that a raise must not go on (semantics 2).
    """

    rule_id: str
    priority: int
    state: RuleState
    expression: Expression
    otherwise: Otherwise
    live: bool = True
    retiring: bool = False
    data_lost: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """The winner, if any, and what applies when there is none."""

    winner: Winner | None
    resting: Otherwise = Ending.BASELINE
    overridden: tuple[str, ...] = ()


def merge(claims: Iterable[Claim]) -> Resolution:
    """The active live rule with the highest priority (ties: the lowest id); else the explicit `otherwise` of the
    highest inactive one; else nobody: a retiring rule's explicit value, `leave` if all say so, or the baseline."""
    ranked = sorted(set(claims), key=lambda claim: (-claim.priority, claim.rule_id))
    active = [claim for claim in ranked if _is_active(claim)]
    if active:
        first, *rest = active
        winner = Winner(first.rule_id, WinnerClass.ACTIVE, first.expression)
        return Resolution(winner, overridden=tuple(claim.rule_id for claim in rest))
    for claim in ranked:
        if claim.live and claim.state is not RuleState.UNJUDGED and isinstance(claim.otherwise, SetStatus):
            return Resolution(Winner(claim.rule_id, WinnerClass.OTHERWISE, claim.otherwise))
    return Resolution(None, _resting([claim for claim in ranked if claim.live or claim.retiring]))


def raises(expression: Expression) -> bool:
    """Whether the expression may spend more than the baseline. An absolute amount may, and a lower bound."""
    match expression:
        case SetStatus():
            return False
        case ChangePercent(percent, minimum):
            return percent > 0 or minimum is not None
        case ChangeModifier(percent, minimum):
            return percent > 0 or minimum > LOWEST
        case _:
            return True


def _is_active(claim: Claim) -> bool:
    lost = claim.data_lost and raises(claim.expression)
    return claim.live and claim.state is RuleState.ACTIVE and not lost


def _resting(concerned: list[Claim]) -> Otherwise:
    for claim in concerned:
        if claim.retiring and isinstance(claim.otherwise, SetStatus):
            return claim.otherwise
    if concerned and all(claim.otherwise is Ending.LEAVE for claim in concerned):
        return Ending.LEAVE
    return Ending.BASELINE
