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
        alone = [one for one in rows if one.executed_at == row.executed_at] == [row]
        if fault := _fault(row, before, then, alone=alone):
            yield f"{row.trigger} {to_ms(row.scheduled_for)} ({row.outcome}, at {to_ms(row.executed_at)}) {fault}"
    # Seven starts without an end end a check, and make the next one suspected of two.
    given_up = {row.executed_at for row in rows if row.outcome == "failed"}
    if given_up and ended < _SUSPECTED + (_STARTS - _SUSPECTED) * len(given_up):
        yield f"{len(given_up)} checks were given up after {ended} steps without an end"


def _fault(row: Row, before: Sequence[Row], then: Sequence[Row], *, alone: bool) -> str | None:
    """`before` and `then` are the states of the rule before the check, and at its very time."""
    standing = [*before, *then]
    if row.outcome == "superseded":
        return None if _is_overtaken(row, before, then) else "was not overtaken by an edit"
    edited = [one for one in then if one.catch_up_ms != before[0].catch_up_ms]
    if not any(one.enabled for one in standing):
        return "was checked while it was paused"
    if (row.outcome == "missed") not in [_is_missed(row, one) for one in (*before, *edited)]:
        return "was missed in time, or caught up on too late"
    if row.outcome == "no_data" and row.trigger == "slot" and alone and not _was_patient(row, standing):
        return "was given up early"
    if row.explanation and row.explanation["condition"]["above"] not in [one.conditions["above"] for one in standing]:
        return "was judged by a condition that was not the rule's"
    return None


def _is_overtaken(row: Row, before: Sequence[Row], then: Sequence[Row]) -> bool:
    """Another interval overtakes slots, a pause overtakes wishes too."""
    intervals = {one.interval_ms for one in (*before, *then)} if row.trigger == "slot" else {0}
    return len(intervals) > 1 or any(not one.enabled for one in then)


def _was_patient(row: Row, standing: Sequence[Row]) -> bool:
    patience: int = min(_PATIENCE_MS, *(one.interval_ms // 2 for one in standing))
    return _age_ms(row) >= patience


def _is_missed(row: Row, rule: Row) -> bool:
    """Whether the slot was older than its rule catches up on. One that waited for weather had been begun in time."""
    catch_up: int | None = rule.catch_up_ms
    return row.trigger == "slot" and not rule.slot_not_before and catch_up is not None and _age_ms(row) > catch_up


def _age_ms(row: Row) -> int:
    age: int = to_ms(row.executed_at) - to_ms(row.scheduled_for)
    return age
