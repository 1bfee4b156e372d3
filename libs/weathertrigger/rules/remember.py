"""What a verdict makes of a rule's memory, and when time alone will change it next (S5c; semantics 2 and 8).

`for` counts the time since the condition became true, and stands still while there is no verdict. `keep_for` begins
when the condition of an active rule ceases to be true, and goes by the clock: not knowing the weather prolongs nothing.
"""

from datetime import datetime, timedelta

from weathertrigger.domain.condition import Truth
from weathertrigger.domain.hold import NO_HOLD, Hold, OnNoData
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState

NO_DATA_LIMIT = timedelta(hours=6)
"""After this long without a verdict a raised budget is reverted (semantics 2)."""

Remembered = tuple[Memory, datetime | None]
"""A memory, and the first time at which it changes without another verdict."""


def remember(
    memory: Memory, truth: Truth, at: datetime, hold: Hold = NO_HOLD, on_no_data: OnNoData = OnNoData.HOLD
) -> Remembered:
    """The memory after this verdict, and the first time after `at` at which it changes without another one.

    A memory that stays as it is, which is nearly always so, is given back itself.
    """
    if truth is None:
        return without_verdict(memory, at, hold, on_no_data)
    after, boundary = _met(memory, at, hold) if truth else _not_met(memory, at, hold)
    if after.unknown_since is not None or after.data_lost:
        after = after._replace(unknown_since=None, data_lost=False)
    return after, boundary


def closed(memory: Memory, at: datetime) -> Memory:
    """The memory outside active hours: inactive, nothing waited for and nothing kept. Last results stay."""
    after = _turned(memory, RuleState.INACTIVE, at)
    return after._replace(unknown_since=None, data_lost=False) if after.unknown_since else after


def _met(memory: Memory, at: datetime, hold: Hold) -> Remembered:
    if memory.state is RuleState.ACTIVE or not hold.wait:
        return _turned(memory, RuleState.ACTIVE, at), None
    since = memory.met_since or at
    if memory.met_since and memory.unknown_since:
        since += at - memory.unknown_since
    active_from = since + hold.wait
    if at >= active_from:
        return _turned(memory, RuleState.ACTIVE, at), None
    waiting = _turned(memory, RuleState.INACTIVE, at)
    return waiting._replace(met_since=since), active_from


def _not_met(memory: Memory, at: datetime, hold: Hold) -> Remembered:
    if memory.state is RuleState.ACTIVE and hold.keep:
        ended_at = memory.ended_at or at
        kept_until = ended_at + hold.keep
        if at < kept_until:
            return memory if memory.ended_at else memory._replace(ended_at=ended_at), kept_until
    return _turned(memory, RuleState.INACTIVE, at), None


def without_verdict(memory: Memory, at: datetime, hold: Hold | None, on_no_data: OnNoData) -> Remembered:
    """Unknown keeps the state, and counts how long it has lasted. Without a hold it is not known what the rule's is."""
    since = memory.unknown_since or at
    deadline = since + NO_DATA_LIMIT
    kept_until = memory.ended_at + hold.keep if memory.ended_at and hold else None
    memory = memory._replace(unknown_since=since)
    if memory.state is not RuleState.ACTIVE:
        return memory, None
    if (kept_until and at >= kept_until) or (on_no_data is OnNoData.REVERT and at >= deadline):
        return _turned(memory, RuleState.INACTIVE, at), None
    lost = at >= deadline
    coming = [one for one in (kept_until, None if lost else deadline) if one]
    return memory._replace(data_lost=lost), min(coming, default=None)


def _turned(memory: Memory, state: RuleState, at: datetime) -> Memory:
    """In this state, and nothing counted."""
    if state is memory.state:
        counted = memory.met_since or memory.ended_at
        return memory._replace(met_since=None, ended_at=None) if counted else memory
    return memory._replace(state=state, state_since=at, met_since=None, ended_at=None, data_lost=False)
