"""What rules remember survives the database (semantics 7 and 8)."""

from types import SimpleNamespace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.storage import memories

_times = st.none() | strategies.moments.map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
_memories = st.builds(
    Memory,
    state=st.sampled_from(RuleState),
    state_since=_times,
    unknown_since=_times,
    data_lost=st.booleans(),
    met_since=_times,
    ended_at=_times,
    outside=st.booleans(),
    hours_until=_times,
    on=st.frozensets(st.integers(0, 200).map(str)),
    case=st.integers(1, 20),
)


def _row(memory: Memory) -> Any:  # Any: a row of the database is a named tuple of any columns
    """As PostgreSQL gives it back: JSONB in another order."""
    kept = memories.text(memory)
    text = kept and orjson.dumps(orjson.loads(kept), option=orjson.OPT_SORT_KEYS).decode()
    columns = {name: getattr(memory, name) for name in ("state_since", "unknown_since", "data_lost")}
    return SimpleNamespace(state=memory.state.value, active_case=memory.case, memory=text, **columns)


@given(_memories)
def test_a_memory_survives_the_database(memory: Memory) -> None:
    """Semantics 7 and 8: last results and times are read back as they were, to the millisecond."""
    assert memories.of(_row(memory)) == memory


@given(_memories)
def test_most_rules_need_no_more_than_their_columns(memory: Memory) -> None:
    """Nothing is written where nothing is remembered."""
    nothing = memory._replace(met_since=None, ended_at=None, outside=False, hours_until=None, on=frozenset())
    assert memories.text(nothing) is None
    assert (memories.text(memory) is None) is (memory == nothing)
