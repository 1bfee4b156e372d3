"""Holds the executions against the history of the rules. Knows the grid and the promises, and nothing of the code.

Times are whole milliseconds. A span is a time in which a rule was enabled with one interval: its slots are those later
than its begin and not later than its end.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tests.integration.schedule_model.outcomes import outcome_faults, patience_ms
from weathertrigger.domain.schedule import phase_of
from weathertrigger.instants import to_ms
from weathertrigger.storage.database import Row


@dataclass(frozen=True)
class _Span:
    begin: int
    end: int
    interval: int

    def slots(self, rule_id: str) -> range:
        first = self.begin + 1 + (_phase(rule_id, self.interval) - self.begin - 1) % self.interval
        return range(first, self.end + 1, self.interval)


def _phase(rule_id: str, interval: int) -> int:
    return phase_of(rule_id, timedelta(milliseconds=interval)) // timedelta(milliseconds=1)


def faults_of(history: Sequence[Row], executions: Sequence[Row], now: int, ended_by: Mapping[str, int]) -> list[str]:
    """Every promise that was not kept, when everything that was due until now should be recorded. `ended_by` says how
    often a step that had begun a check of a rule came to no good end."""
    return [
        f"{rule_id}: {fault}"
        for rule_id, states in _by_rule(history).items()
        for rows in [[row for row in executions if row.rule_id == rule_id]]
        for fault in (
            *_slot_faults(rule_id, _spans(states, now), [row for row in rows if row.trigger == "slot"]),
            *_asked_faults("manual", {to_ms(one.run_requested_at) for one in states} - {None}, rows),
            *_boundary_faults(states, rows),
            *_patience_faults(rule_id, states),
            *outcome_faults(states, rows, ended_by.get(rule_id, 0)),
        )
    ]


def _by_rule(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row.rule_id].append(row)
    return found


def _spans(states: Sequence[Row], now: int) -> Iterator[_Span]:
    begin = states[0]
    for state in [*states[1:], None]:
        if state and (state.enabled, state.interval_ms) == (begin.enabled, begin.interval_ms):
            continue
        if begin.enabled:
            yield _Span(to_ms(begin.at), to_ms(state.at) if state else now, begin.interval_ms)
        begin = state


def _slot_faults(rule_id: str, spans: Iterable[_Span], rows: Sequence[Row]) -> Iterator[str]:
    """The rows of a span lie end to end on its grid, from its first slot to its last."""
    left = sorted((to_ms(row.scheduled_for), to_ms(row.coalesced_from or row.scheduled_for)) for row in rows)
    for span in spans:
        slots = span.slots(rule_id)
        inside = [(first, last) for last, first in left if span.begin < last <= span.end]
        left = [(last, first) for last, first in left if not span.begin < last <= span.end]
        expected = slots.start
        for first, last in inside:
            if first not in slots or last not in slots:
                yield f"{first}..{last} is not on the grid of {span}"
            elif first != expected:
                yield f"{first}..{last} does not begin at {expected} in {span}"
            elif last < first:
                yield f"{first}..{last} ends before it begins in {span}"
            expected = last + span.interval
        if expected <= span.end:
            yield f"nothing is recorded from {expected} on in {span}"
    yield from (f"{first}..{last} lies in no span" for last, first in left)


def _asked_faults(trigger: str, asked: set[int], rows: Sequence[Row]) -> Iterator[str]:
    recorded = {to_ms(row.scheduled_for) for row in rows if row.trigger == trigger}
    if missing := asked - recorded:
        yield f"{trigger} checks that were not recorded: {missing}"
    if extra := recorded - asked:
        yield f"{trigger} checks that nobody asked for: {extra}"


def _boundary_faults(states: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    """A boundary that had come when it went is recorded; another one is not."""
    gone = {
        to_ms(before.next_boundary_at)
        for before, after in pairwise(states)
        if before.next_boundary_at and before.next_boundary_at != after.next_boundary_at
        if before.next_boundary_at <= after.at
    }
    return _asked_faults("boundary", gone, rows)


def _patience_faults(rule_id: str, states: Sequence[Row]) -> Iterator[str]:
    """A slot waits for weather until a later time, and not for long; a new grid does not wait for an old one."""
    for before, after in pairwise(states):
        at, until, interval = to_ms(after.at), to_ms(after.slot_not_before), after.interval_ms
        if until is None:
            continue
        if (before.enabled, before.interval_ms) != (after.enabled, interval):
            yield f"the slots after {at} wait until {until} for weather that others needed"
        slot = at - (at - _phase(rule_id, interval)) % interval
        if before.slot_not_before != after.slot_not_before and not at < until <= slot + patience_ms(interval):
            yield f"the slot {slot} waits at {at} until {until}"
