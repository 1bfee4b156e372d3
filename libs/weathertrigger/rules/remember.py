"""What a verdict makes of a rule's memory, and when time alone will change it next (S5c, semantics 2)."""

from datetime import datetime, timedelta

from weathertrigger.domain.condition import Truth
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState

NO_DATA_LIMIT = timedelta(hours=6)
"""After this long without a verdict a raised budget is reverted (semantics 2)."""


def remember(memory: Memory, truth: Truth, at: datetime) -> tuple[Memory, datetime | None]:
    """The memory after this verdict, and the first time after `at` at which it changes without another one.

    A memory that stays as it is, which is nearly always so, is given back itself.
    """
    if truth is None:
        return _without_verdict(memory, at)
    state = RuleState.ACTIVE if truth else RuleState.INACTIVE
    if state is memory.state and memory.unknown_since is None and not memory.data_lost:
        return memory, None
    since = at if state is not memory.state else memory.state_since
    return memory._replace(state=state, state_since=since, unknown_since=None, data_lost=False), None


def _without_verdict(memory: Memory, at: datetime) -> tuple[Memory, datetime | None]:
    """Unknown keeps the state, and counts how long it has lasted."""
    unknown_since = memory.unknown_since or at
    deadline = unknown_since + NO_DATA_LIMIT
    active = memory.state is RuleState.ACTIVE
    data_lost = active and at >= deadline
    boundary = deadline if active and not data_lost else None
    return memory._replace(unknown_since=unknown_since, data_lost=data_lost), boundary
