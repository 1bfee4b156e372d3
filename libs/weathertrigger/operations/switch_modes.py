"""Goes live, or into dry run: the installation, the accounts of a user, one account or one rule (semantics 18, 27).

One transaction: lock the rules concerned, switch, mark who ceased to be live as retiring, decide the fields anew (C2).
What it would come to is found out by doing it and taking it back.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import Mode
from weathertrigger.errors import NotThere
from weathertrigger.operations.edited_slots import first_slot
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.storage import accounts, audit_log, checks, fields, modes, rule_targets, rules
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.pauses import Covered, Scope
from weathertrigger.storage.rule_targets import FieldClaim
from weathertrigger.storage.rules import Edited


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch comes to: whether it moved; the fields where a rule begins or ceases to be live, as they are
    decided then, with these rules and every claim; accounts (id to platform) to ring."""

    moved: bool
    fields: tuple[AdField, ...]
    rules: Mapping[int, tuple[str, ...]]
    claims: Mapping[int, tuple[FieldClaim, ...]]
    to_ring: Mapping[str, str]


class _TakenBack(Exception):  # not an error: the end of a transaction that was only a question
    """So that the transaction is rolled back."""


def foretell(database: Database, covered: Covered, mode: Mode) -> Switched:
    """What `switch` would come to now; nothing is changed.

    Raises:
        NotThere: it is not said yet what the installation is.
    """
    told: list[Switched] = []
    with suppress(_TakenBack), database.transaction() as tx:
        told.append(switch(tx, covered, mode, who="", leave=False))
        _take_back()
    return told[0]


def _take_back() -> NoReturn:
    raise _TakenBack


def switch(tx: Transaction, covered: Covered, mode: Mode, *, who: str, leave: bool) -> Switched:
    """Switches it. `leave`: what is set stays as it is, instead of what each `otherwise` says.

    Raises:
        NotThere: it is not said yet what the installation is.
    """
    rules.wait_for_turn(tx)
    concerned = modes.rules_concerned(tx, covered)
    kept = rules.lock(tx, concerned)
    before = _live(rule_targets.claims(tx, rule_targets.ids_of_rules(tx, concerned)))
    moved = _move(tx, covered, mode, kept, who)  # accounts are locked before fields, as by ad-action
    claims = rule_targets.claims(tx, fields.lock_for_edit(tx, concerned, []))
    after = _live(claims)
    begun, ceased = after - before, before - after
    rule_targets.mark_live(tx, begun)
    rule_targets.mark_retiring(tx, ceased)
    touched = {field_id for field_id, _ in begun | ceased}
    word = "went live" if mode is Mode.LIVE else "was set to dry run"
    cause = Cause(f"{_named(covered)} {word}.", who=who)
    rung = plan_changes(tx, {rule_id: cause for _, rule_id in begun | ceased}, checks.clock(tx)) if touched else set()
    if leave:
        rule_targets.keep(tx, touched)
    return Switched(
        moved,
        tuple(fields.of_ids(tx, touched)),
        {one: tuple(sorted(rule_id for field_id, rule_id in begun | ceased if field_id == one)) for one in touched},
        {one: tuple(claim for claim in claims if claim.field_id == one) for one in touched},
        accounts.platforms(tx, rung),
    )


def _move(tx: Transaction, covered: Covered, mode: Mode, kept: Mapping[str, rules.Kept], who: str) -> bool:
    """Moves the switch itself; False where it stood so already."""
    if covered.scope is Scope.RULE:
        one = kept[covered.subject]
        moved, old = one.rule.mode is not mode, {covered.subject: one.rule.mode.value}
        if moved:
            rule = replace(one.rule, mode=mode)
            rules.put(tx, [Edited(rule, first_slot(rule, one, checks.clock(tx)), one.active_case or 1)])
    elif covered.scope is Scope.ALL:
        previous = modes.set_installation(tx, mode)
        if previous is None:
            raise NotThere("It is not said yet what this installation is: run `automation-cli setup`.")
        moved, old = previous is not mode, {"installation": previous.value}
    else:
        changed = modes.set_accounts(tx, covered, mode)
        moved, old = bool(changed), dict.fromkeys(changed, _other(mode).value)
    if moved:
        what = "go-live" if mode is Mode.LIVE else "dry-run"
        after: dict[str, object] = dict.fromkeys(old, mode.value)
        audit_log.record(tx, who=who, what=what, subject=str(covered), before=dict(old), after=after)
    return moved


def _other(mode: Mode) -> Mode:
    return Mode.DRY_RUN if mode is Mode.LIVE else Mode.LIVE


def _live(claims: Collection[FieldClaim]) -> set[tuple[int, str]]:
    """Which rule is live on which field: the strictest of installation, account and rule counts."""
    return {(one.field_id, one.claim.rule_id) for one in claims if one.claim.live}


def _named(covered: Covered) -> str:
    match covered.scope:
        case Scope.ALL:
            return "The installation"
        case Scope.USER:
            return f"What is {covered.subject}'s"
        case Scope.ACCOUNT:
            return f"The account {covered.subject}"
        case Scope.RULE:
            return f"Rule {covered.subject}"
