"""What rules remember, as columns and as JSON: `{"on": ["0"], "met_since": 1764547200000}`, null for most rules."""

from datetime import datetime

import orjson

from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.storage.database import Row

_STATES = {
    state.value: state for state in RuleState
}  # looked up in every check: an enum's call takes five times as long


def of(row: Row) -> Memory:
    """The memory in the columns `state, state_since, unknown_since, data_lost, active_case, memory` (JSON text) of a
    rule's row."""
    memory = Memory(_STATES[row.state], row.state_since, row.unknown_since, row.data_lost, case=row.active_case)
    return memory if row.memory is None else _with_more(memory, row.memory)


def text(memory: Memory) -> str | None:
    """What is remembered beyond the columns; None: nothing."""
    kept = {
        "on": sorted(memory.on),
        "met_since": to_ms(memory.met_since),
        "ended_at": to_ms(memory.ended_at),
        "outside": memory.outside,
        "hours_until": to_ms(memory.hours_until),
    }
    told = {key: value for key, value in kept.items() if value}
    return orjson.dumps(told).decode() if told else None


def _with_more(memory: Memory, text: str) -> Memory:
    kept = orjson.loads(text)
    return memory._replace(
        on=frozenset(kept.get("on", ())),
        met_since=_time(kept.get("met_since")),
        ended_at=_time(kept.get("ended_at")),
        outside=kept.get("outside", False),
        hours_until=_time(kept.get("hours_until")),
    )


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
