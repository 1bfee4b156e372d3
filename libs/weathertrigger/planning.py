"""Protocol C, step 2: from changed rules to changed decisions, in the transaction that changed the rules.

The fields are locked in the order of their ids before the claims on them are read, so whatever the order in which
transactions come, the last one to decide has seen every rule's state.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from weathertrigger.domain.change import AdField, FieldState, Winner
from weathertrigger.domain.rule import Expression, RuleState, SetStatus
from weathertrigger.rules.by_people import still_ordered
from weathertrigger.rules.merge import Claim, Resolution, merge
from weathertrigger.storage import changes, fields, rule_targets
from weathertrigger.storage.database import Transaction

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a rule's fields are decided anew, and who made it so: a check's sentence, or what somebody did."""

    why: str
    execution_id: int | None = None
    who: str = changes.ENGINE


def plan_changes(
    tx: Transaction, causes: Mapping[str, Cause], at: datetime, given_up: Collection[int] = ()
) -> set[str]:
    """Decides every field of these rules anew, and those that they may have given up just now; plans what changed.
    Gives the accounts to ring after the commit."""
    locked = fields.lock_of_rules(tx, causes, given_up)
    if not locked:
        return set()
    claims: dict[int, list[rule_targets.FieldClaim]] = defaultdict(list)
    for one in rule_targets.claims(tx, [field.id for field in locked]):
        claims[one.field_id].append(one)
    decided: list[AdField] = []
    planned: list[changes.Plan] = []
    outlived: list[int] = []
    lost: list[_Lost] = []
    for field in locked:
        on_field = claims[field.id]
        resolution = merge(one.claim for one in on_field)
        after = decide(field, resolution, at, any_live=any(one.claim.live for one in on_field))
        if after != field:
            decided.append(after)
        if field.winner != resolution.winner:
            planned.append(_plan(field, resolution, causes, on_field))
        lost.extend(_lost(field, resolution, causes))
        if resolution.winner and any(one.claim.retiring for one in on_field):
            outlived.append(field.id)
        planned.extend(_dry_runs(field, on_field, causes))
    fields.store(tx, decided)
    rule_targets.end_retiring(tx, outlived)
    changes.supersede(tx, [plan for plan in planned if not plan.dry_run])
    changes.plan(tx, planned)
    changes.add_to_reasons(tx, _told(lost))
    touched = {field.id for field in decided} | {plan.field_id for plan in planned}
    return {field.account_id for field in locked if field.id in touched}


def decide(field: AdField, resolution: Resolution, at: datetime, *, any_live: bool) -> AdField:
    """The field under this resolution: another winner is a new generation, due at once."""
    ordered = field.ordered if field.state is FieldState.HELD or resolution.winner is None else None
    decided = replace(field, winner=resolution.winner, resting=resolution.resting, ordered=ordered)
    if field.winner == resolution.winner:
        # A value that was left is somebody's only while a live rule is left (semantics 17): one look frees it.
        forgotten = field.state is FieldState.LEFT and not any_live
        return replace(decided, next_at=at) if forgotten else decided
    decided = replace(decided, generation=field.generation + 1, next_at=at)
    if field.state is FieldState.HELD and _class(field.winner) != _class(resolution.winner):
        # A person's value is held only until the field passes between active, otherwise and none (semantics 20).
        wanted = field.persons_value
        decided = replace(decided, state=FieldState.SETTLING, baseline=wanted, held_reason=None)
        return replace(decided, ordered=still_ordered(decided))
    return decided


def _class(winner: Winner | None) -> str | None:
    return winner.winner_class if winner else None


def _plan(
    field: AdField, resolution: Resolution, causes: Mapping[str, Cause], on_field: list[rule_targets.FieldClaim]
) -> changes.Plan:
    winner = resolution.winner
    rule_id = _asking(field, winner, causes, on_field)
    cause = causes[rule_id]
    why = cause.why
    if resolution.overridden:
        why += f" (overridden: {', '.join(resolution.overridden)})"
    return changes.Plan(
        field_id=field.id,
        generation=field.generation + 1,
        rule_id=rule_id,
        execution_id=cause.execution_id,
        expression=winner.expression if winner else None,
        why=why,
        who=cause.who,
        winner=winner.rule_id if winner else None,
    )


def _asking(
    field: AdField, winner: Winner | None, causes: Mapping[str, Cause], on_field: list[rule_targets.FieldClaim]
) -> str:
    """The rule whose change made the decision: the new winner, the old one that gave way, or any that was changed."""
    candidates = [one.rule_id for one in (winner, field.winner) if one]
    candidates += sorted(one.claim.rule_id for one in on_field)
    return next(rule_id for rule_id in (*candidates, *sorted(causes)) if rule_id in causes)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A check that made its rule active, and a field on which another rule wins."""

    execution_id: int
    winner: str
    field: str


def _lost(field: AdField, resolution: Resolution, causes: Mapping[str, Cause]) -> list[_Lost]:
    winner = resolution.winner
    if winner is None:
        return []
    losing = [causes[rule_id].execution_id for rule_id in resolution.overridden if rule_id in causes]
    name = f"{field.carrier.resource} {field.carrier.field}"
    return [_Lost(execution_id, winner.rule_id, name) for execution_id in losing if execution_id is not None]


def _told(lost: Collection[_Lost]) -> dict[int, str]:
    """What the losers' checks say of it: ` Overridden by rule umbrellas: ad_set/23847 status.`"""
    by_check: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in lost:
        by_check[one.execution_id][one.winner].append(one.field)
    return {
        execution_id: "".join(f" Overridden by rule {winner}: {_some(names)}." for winner, names in by_winner.items())
        for execution_id, by_winner in by_check.items()
    }


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _dry_runs(
    field: AdField, on_field: list[rule_targets.FieldClaim], causes: Mapping[str, Cause]
) -> list[changes.Plan]:
    """What rules in dry run would have asked for, had they been live (semantics 27). They have nothing to put back."""
    return [
        changes.Plan(
            field_id=field.id,
            generation=field.generation,
            rule_id=one.claim.rule_id,
            execution_id=causes[one.claim.rule_id].execution_id,
            expression=wish,
            why=causes[one.claim.rule_id].why,
            who=causes[one.claim.rule_id].who,
            dry_run=True,
        )
        for one in on_field
        if one.wanted and not one.claim.live and one.claim.rule_id in causes
        if (wish := _wish(one.claim)) is not None
    ]


def _wish(claim: Claim) -> Expression | None:
    if claim.state is RuleState.ACTIVE and claim.expression is not None:
        return claim.expression
    if claim.state is not RuleState.UNJUDGED and isinstance(claim.otherwise, SetStatus):
        return claim.otherwise
    return None
