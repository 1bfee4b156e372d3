"""Deletes rules: S8 and C2 in one transaction, as for a pause, and the row goes when nothing is left to put back (C11).

What each rule set ends as its `otherwise` says, as its last word; its executions and changes stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from weathertrigger.domain.rule import Mode
from weathertrigger.errors import NotThere
from weathertrigger.operations.edited_slots import first_slot, overtaken
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.storage import accounts, checks, fields, rule_targets, rules
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.rules import Edited, Kept


@dataclass(frozen=True, slots=True)
class Deleted:
    """The rules in the order of their ids, those of them that have still something to put back, bells to set, accounts
    (id to platform) to ring."""

    rules: Mapping[str, Kept]
    retiring: Collection[str]
    next_checks: Mapping[str, datetime | None]
    to_ring: Mapping[str, str]


def delete_rules(
    database: Database, rule_ids: Collection[str], *, leave: bool, worker_id: str, who: str | None = None
) -> Deleted:
    """Deletes all of them, or none. `leave`: what they set stays as it is now. `who` asked for it, by a command of
    `worker_id`.

    Raises:
        NotThere: with all that do not exist.
    """
    return database.run(lambda tx: delete(tx, rule_ids, leave=leave, worker_id=worker_id, who=who))


def delete(
    tx: Transaction, rule_ids: Collection[str], *, leave: bool, worker_id: str, who: str | None = None
) -> Deleted:
    """As `delete_rules`, in a transaction that has locked nothing yet."""
    rules.wait_for_turn(tx)
    kept = {rule_id: one for rule_id, one in rules.lock(tx, rule_ids).items() if not one.deleted}
    if missing := sorted(set(rule_ids) - kept.keys()):
        names = ", ".join(map(repr, missing))
        raise NotThere(f"There is no rule {names}; `automation-cli rules` lists them. Nothing was deleted.")
    at = checks.clock(tx)
    touched = fields.lock_for_edit(tx, list(kept), [])
    next_checks = take_out(tx, list(kept.values()), at, worker_id=worker_id)
    rung = plan_changes(tx, causes_of(kept, who or worker_id), at, touched)
    if leave:
        rule_targets.keep(tx, touched)
    rules.forget(tx)
    return Deleted(kept, rules.still_there(tx, list(kept)), next_checks, accounts.platforms(tx, rung))


def take_out(tx: Transaction, gone: Sequence[Kept], at: datetime, *, worker_id: str) -> dict[str, datetime | None]:
    """S8 for rules that are deleted, whose fields are locked; gives their bells. Then decide the fields anew (C2), then
    `rules.forget`."""
    ended = [(replace(one.rule, enabled=False), one) for one in gone]
    rules.supersede(
        tx,
        [due for rule, before in ended for due in overtaken(rule, before, at)],
        at=at,
        reason="The rule was deleted first.",
        worker_id=worker_id,
    )
    next_checks = rules.put(
        tx, [Edited(rule, first_slot(rule, before, at), before.active_case or 1) for rule, before in ended]
    )
    rule_targets.store(
        tx,
        [
            rule_targets.RuleTargets(
                rule.id, [], was_live=before.rule.enabled and before.rule.mode is Mode.LIVE, is_live=False
            )
            for rule, before in ended
        ],
    )
    rules.mark_deleted(tx, [rule.id for rule, _ in ended])
    return next_checks


def causes_of(gone: Collection[str], who: str) -> dict[str, Cause]:
    """Why the fields of deleted rules are decided anew."""
    return {rule_id: Cause(f"Rule {rule_id} was deleted.", who=who) for rule_id in gone}
