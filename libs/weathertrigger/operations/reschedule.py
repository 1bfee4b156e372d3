"""Gives one rule another interval and asks for a check of it at once, in one transaction (semantics 13; S8 and S9).

The flow: wait for the turn, lock the rule, read the clock; record the slot that the edit overtakes, write the new grid,
decide the fields anew (C2); then ask for the check. The same interval again leaves all of that alone but the asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from weathertrigger.domain.rule import Rule
from weathertrigger.errors import NotThere
from weathertrigger.operations.edited_slots import first_slot, overtaken
from weathertrigger.planning import Cause, plan_changes
from weathertrigger.rule_files.durations import spoken
from weathertrigger.rules.time_documents import time_document
from weathertrigger.storage import accounts, audit_log, checks, rules
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.rules import Edited, Kept


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The next slot of the rule, bells to set, accounts (id to platform) to ring; and the time of day (minutes after
    midnight) at which it was checked until now, if it had one."""

    changed: bool
    no_longer_at: int | None
    next_slot_at: datetime
    next_checks: Mapping[str, datetime | None]
    to_ring: Mapping[str, str]


def reschedule(
    database: Database, rule_id: str, *, owner: str, interval: timedelta, worker_id: str, who: str | None = None
) -> Rescheduled | None:
    """Brings the rule to this interval and asks for a check. None: the rule is disabled, and nothing was changed. `who`
    asked for it, by a command of `worker_id`, and is kept in the audit log.

    Raises:
        NotThere: this owner has no such rule.
    """
    return database.run(lambda tx: _reschedule(tx, rule_id, owner, interval, worker_id=worker_id, who=who))


def _reschedule(
    tx: Transaction, rule_id: str, owner: str, interval: timedelta, *, worker_id: str, who: str | None
) -> Rescheduled | None:
    rules.wait_for_turn(tx)
    kept = rules.lock(tx, [rule_id]).get(rule_id)
    if kept is None or kept.deleted or kept.rule.owner != owner:
        raise NotThere(f"User {owner!r} has no rule {rule_id!r}; `automation-cli rules` lists the rules.")
    if not kept.rule.enabled:
        return None
    at = checks.clock(tx)
    rule = replace(kept.rule, interval=interval)
    changed = rule.interval != kept.rule.interval
    if changed:
        rule = replace(rule, at=None)  # a time of day goes with a day
    to_ring = _edit(tx, rule, kept, at, worker_id=worker_id, who=who or worker_id) if changed else {}
    request = checks.request_run(tx, rule_id)
    assert request is not None  # noqa: S101 - the rule is locked, and enabled
    next_checks = {rule_id: request.next_check_at} if changed or request.is_new else {}
    if who is not None:
        _record(tx, kept.rule, rule, who)
    no_longer_at = kept.rule.at if changed else None
    return Rescheduled(changed, no_longer_at, first_slot(rule, kept, at), next_checks, to_ring)


def _edit(tx: Transaction, rule: Rule, kept: Kept, at: datetime, *, worker_id: str, who: str) -> dict[str, str]:
    """S8 and C2; gives the accounts to ring."""
    due = overtaken(rule, kept, at)
    rules.supersede(tx, due, at=at, reason="Another interval was set first.", worker_id=worker_id)
    rules.put(tx, [Edited(rule, first_slot(rule, kept, at), kept.active_case or 1)])
    rung = plan_changes(tx, {rule.id: Cause(f"Rule {rule.id} was edited.", who=who)}, at)
    return accounts.platforms(tx, rung)


def _record(tx: Transaction, before: Rule, after: Rule, who: str) -> None:
    after_all = {**_told(after), "check": "at once"}
    audit_log.record(
        tx, who=who, what="schedule-rule", subject=f"rule {after.id}", before=_told(before), after=after_all
    )


def _told(rule: Rule) -> dict[str, object]:
    return {"every": spoken(rule.interval), "at": None if rule.at is None else time_document(rule.at)}
