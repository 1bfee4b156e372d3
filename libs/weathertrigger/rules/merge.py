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
    `expression`: that of the case which the rule is in. None: this case does not set the field, for which the rule is
    as good as inactive.
    """

    rule_id: str
    priority: int
    state: RuleState
    expression: Expression | None
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
    active = [(claim.rule_id, wanted) for claim in ranked if (wanted := _active_wish(claim))]
    if active:
        (rule_id, wanted), *rest = active
        return Resolution(Winner(rule_id, WinnerClass.ACTIVE, wanted), overridden=tuple(loser for loser, _ in rest))
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


def _active_wish(claim: Claim) -> Expression | None:
    if not claim.live or claim.state is not RuleState.ACTIVE or claim.expression is None:
        return None
    return None if claim.data_lost and raises(claim.expression) else claim.expression


def _resting(concerned: list[Claim]) -> Otherwise:
    for claim in concerned:
        if claim.retiring and isinstance(claim.otherwise, SetStatus):
            return claim.otherwise
    if concerned and all(claim.otherwise is Ending.LEAVE for claim in concerned):
        return Ending.LEAVE
    return Ending.BASELINE
