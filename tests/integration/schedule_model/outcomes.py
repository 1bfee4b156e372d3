"""Whether the outcome of a check makes sense: what was recorded, held against what the rule was at that time."""

from collections.abc import Iterator, Sequence

from weathertrigger.instants import to_ms
from weathertrigger.storage.database import Row

_PATIENCE_MS = 600_000
_STARTS, _SUSPECTED = 7, 2


def outcome_faults(states: Sequence[Row], rows: Sequence[Row], ended: int) -> Iterator[str]:
    """`states` are all that the rule ever was, `rows` its executions; `ended` is how often a step that had begun a
    check of it came to no good end."""
    for row in rows:
        before = [one for one in states if one.at < row.executed_at][-1:]
        then = [one for one in states if one.at == row.executed_at]
        faults = _faults_of_an_edit if row.outcome == "superseded" else _faults_of_a_check
        for fault in faults(row, before, then):
            yield f"{row.trigger} {to_ms(row.scheduled_for)} ({row.outcome}, at {to_ms(row.executed_at)}) {fault}"
        alone = [one for one in rows if one.executed_at == row.executed_at] == [row]
        if (row.outcome, row.trigger, alone) == ("no_data", "slot", True) and not _was_patient(row, [*before, *then]):
            yield f"slot {to_ms(row.scheduled_for)} was given up early, at {to_ms(row.executed_at)}"
    # Seven starts without an end end a check, and make the next one suspected of two.
    given_up = {row.executed_at for row in rows if row.outcome == "failed"}
    if given_up and ended < _SUSPECTED + (_STARTS - _SUSPECTED) * len(given_up):
        yield f"{len(given_up)} checks were given up after {ended} steps without an end"


def _faults_of_an_edit(row: Row, before: Sequence[Row], then: Sequence[Row]) -> Iterator[str]:
    """Another interval overtakes slots, a pause overtakes wishes too. `before` and `then` are the states of the rule
    before the row, and at its very time."""
    intervals = {one.interval_ms for one in (*before, *then)} if row.trigger == "slot" else {0}
    if len(intervals) == 1 and all(one.enabled for one in then):
        yield "was not overtaken by an edit"


def _faults_of_a_check(row: Row, before: Sequence[Row], then: Sequence[Row]) -> Iterator[str]:
    standing = [*before, *then]
    edited = [one for one in then if one.catch_up_ms != before[0].catch_up_ms]
    if not then:
        yield "was recorded at another time than it says"
    if row.trigger == "slot" and any(one.slot_not_before and one.slot_not_before > row.executed_at for one in before):
        yield "was checked while it waited for weather"
    if not any(one.enabled for one in standing):
        yield "was checked while it was paused"
    if (row.outcome == "missed") not in [_is_missed(row, one) for one in (*before, *edited)]:
        yield "was missed in time, or caught up on too late"
    judged = row.explanation and row.explanation.get("condition")
    if judged and judged["above"] not in [one.conditions["above"] for one in standing]:
        yield "was judged by a condition that was not the rule's"


def _was_patient(row: Row, standing: Sequence[Row]) -> bool:
    return _age_ms(row) >= min(patience_ms(one.interval_ms) for one in standing)


def patience_ms(interval_ms: int) -> int:
    """How long a slot waits for weather."""
    return min(_PATIENCE_MS, interval_ms // 2)


def _is_missed(row: Row, rule: Row) -> bool:
    """Whether the slot was older than its rule catches up on. One that waited for weather itself had been begun in
    time, and had so much longer."""
    if row.trigger != "slot" or rule.catch_up_ms is None:
        return False
    has_begun = rule.slot_not_before is not None and row.coalesced_from is None
    return _age_ms(row) > int(rule.catch_up_ms) + (patience_ms(rule.interval_ms) if has_begun else 0)


def _age_ms(row: Row) -> int:
    age: int = to_ms(row.executed_at) - to_ms(row.scheduled_for)
    return age
