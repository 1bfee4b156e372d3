"""S5b and S5c, pure: what one evaluation settles of one locked rule, at the time T read after the lock."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from weathertrigger.domain.execution import Trigger
from weathertrigger.rules.judge import Judgement
from weathertrigger.storage.checks import RuleRow

_LONGEST_POSTPONEMENT = timedelta(minutes=10)
_SHORTEST_BACK_OFF = timedelta(seconds=1)
_LONGEST_BACK_OFF = timedelta(minutes=1)


class Answered(NamedTuple):
    """One trigger that the evaluation answers; of a slot that was missed it says only that."""

    trigger: Trigger
    scheduled_for: datetime
    coalesced_from: datetime | None = None
    missed: bool = False


class Settled(NamedTuple):
    """The rule as it is left, and the triggers that were answered; none when the slot is postponed."""

    rule: RuleRow
    answered: tuple[Answered, ...]


def settle_check(rule: RuleRow, judgement: Judgement, at: datetime) -> Settled:
    """Settles everything of the rule that is due at `at`, with one judgement."""
    answered = _due(rule, at)
    if not [one for one in answered if not one.missed]:
        return Settled(_advanced(rule, answered), answered)
    only_slot = len(answered) == 1 and answered[0].trigger is Trigger.SLOT
    if only_slot and not judgement.has_data:
        deadline = answered[0].scheduled_for + _patience(rule)
        if at < deadline:
            return Settled(rule._replace(slot_not_before=_postponed(rule.interval, at, deadline)), ())
    return Settled(_advanced(rule, answered, judgement), answered)


def _due(rule: RuleRow, at: datetime) -> tuple[Answered, ...]:
    due: list[Answered] = []
    if max(rule.next_slot_at, rule.slot_not_before or rule.next_slot_at) <= at:
        slot = rule.schedule.latest(at)
        first = rule.next_slot_at if rule.next_slot_at < slot else None
        due.append(Answered(Trigger.SLOT, slot, first, missed=_is_missed(rule, slot, at)))
    if rule.next_boundary_at and rule.next_boundary_at <= at:
        due.append(Answered(Trigger.BOUNDARY, rule.next_boundary_at))
    if rule.run_requested_at and rule.run_requested_at <= at:
        due.append(Answered(Trigger.MANUAL, rule.run_requested_at))
    return tuple(due)


def _is_missed(rule: RuleRow, slot: datetime, at: datetime) -> bool:
    """Whether the slot is older than its rule catches up on. One that waits for weather was begun in time, and has as
    much longer as it may wait."""
    if rule.catch_up is None:
        return False
    has_begun = rule.slot_not_before is not None and slot == rule.next_slot_at
    return at - slot > rule.catch_up + (_patience(rule) if has_begun else timedelta())


def _patience(rule: RuleRow) -> timedelta:
    """S10: how long a slot waits for weather."""
    return min(_LONGEST_POSTPONEMENT, rule.interval / 2)


def _postponed(interval: timedelta, at: datetime, deadline: datetime) -> datetime:
    """S10: no weather yet; looked for again soon, at the latest at the deadline."""
    back_off = min(max(interval / 20, _SHORTEST_BACK_OFF), _LONGEST_BACK_OFF)
    until = min(at + back_off, deadline)
    return until.replace(microsecond=until.microsecond // 1000 * 1000)


def _advanced(rule: RuleRow, answered: tuple[Answered, ...], judgement: Judgement | None = None) -> RuleRow:
    """The rule with what was judged, beyond what was answered. The next slot follows from the schedule, never from the
    time of finishing."""
    changes: dict[str, Any] = {}  # of the columns, each of its own type
    if judgement is not None:
        changes |= {"memory": judgement.memory, "next_boundary_at": judgement.next_boundary_at}
    for one in answered:
        if one.trigger is Trigger.SLOT:
            changes |= {"next_slot_at": rule.schedule.following(one.scheduled_for), "slot_not_before": None}
        elif one.trigger is Trigger.MANUAL:
            changes["run_requested_at"] = None
    return rule._replace(**changes)
