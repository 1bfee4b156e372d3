"""What one evaluation settles of one rule (protocol S, S5b, S5c and S10)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from weathertrigger.domain.condition import Truth
from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.domain.schedule import latest_slot, next_slot
from weathertrigger.rules.judge import Judgement
from weathertrigger.rules.remember import NO_DATA_LIMIT, remember
from weathertrigger.schedule.record_checks import Judged
from weathertrigger.schedule.settle_check import Answered, Settled, settle_check
from weathertrigger.storage.checks import RuleRow

START = datetime(2026, 3, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Said:
    """What the weather says of the condition."""

    truth: Truth
    has_data: bool = True


MET, NOT_MET, UNKNOWN = Said(truth=True), Said(truth=False), Said(None)
NO_READING = Said(None, has_data=False)
_SLOT = next_slot("rule-123", HALF_HOUR, START)


def _rule(
    state: RuleState = RuleState.INACTIVE, *, interval: timedelta = HALF_HOUR, catch_up: timedelta | None = None
) -> RuleRow:
    return RuleRow(
        id="rule-123",
        place_id="40.69,-74.17",
        version=1,
        interval=interval,
        memory=Memory(state, START),
        next_slot_at=next_slot("rule-123", interval, START),
        slot_not_before=None,
        next_boundary_at=None,
        run_requested_at=None,
        catch_up=catch_up,
    )


def _judgement(rule: RuleRow, said: Said, at: datetime) -> Judgement:
    return Judgement(said.truth, None, *remember(rule.memory, said.truth, at), has_data=said.has_data)


def settle(rule: RuleRow, said: Said, at: datetime) -> Settled:
    """The check at `at` of a rule whose condition is so."""
    return settle_check(rule, _judgement(rule, said, at), at)


def _next_check_at(rule: RuleRow) -> datetime:
    """As the generated column has it."""
    slot = max(rule.next_slot_at, rule.slot_not_before or rule.next_slot_at)
    return min(time for time in (slot, rule.next_boundary_at, rule.run_requested_at) if time)


def test_each_trigger_has_its_row_at_one_instant() -> None:
    """Semantics 11, S5b: slot, boundary and manual due at the same instant are three rows of one evaluation."""
    rule = _rule()._replace(next_boundary_at=_SLOT, run_requested_at=_SLOT)
    settled = settle(rule, MET, _SLOT)
    assert settled.answered == (
        Answered(Trigger.SLOT, _SLOT),
        Answered(Trigger.BOUNDARY, _SLOT),
        Answered(Trigger.MANUAL, _SLOT),
    )
    after = settled.rule
    assert (after.next_slot_at, after.next_boundary_at, after.run_requested_at) == (_SLOT + HALF_HOUR, None, None)


@pytest.mark.parametrize("trigger", [Trigger.SLOT, Trigger.BOUNDARY, Trigger.MANUAL])
def test_nothing_is_settled_before_its_time(trigger: Trigger) -> None:
    """S5b: due is due at T, to the millisecond; what is not due keeps its time."""
    early = timedelta(milliseconds=1)
    at = START + timedelta(hours=1)
    active = _rule(RuleState.ACTIVE)
    rule = active._replace(
        memory=active.memory._replace(unknown_since=at - NO_DATA_LIMIT),
        next_slot_at=at if trigger is Trigger.SLOT else at + timedelta(hours=9),
        next_boundary_at=at if trigger is Trigger.BOUNDARY else None,
        run_requested_at=at if trigger is Trigger.MANUAL else None,
    )
    assert trigger not in {one.trigger for one in settle(rule, UNKNOWN, at - early).answered}
    assert trigger in {one.trigger for one in settle(rule, UNKNOWN, at).answered}


def test_slots_that_were_slept_through_are_one_row() -> None:
    """Semantics 11: the latest slot, on the grid, and the first one it stands for."""
    settled = settle(_rule(), NOT_MET, _SLOT + timedelta(minutes=95))
    assert settled.answered == (Answered(Trigger.SLOT, _SLOT + 3 * HALF_HOUR, coalesced_from=_SLOT),)
    assert settled.rule.next_slot_at == _SLOT + 4 * HALF_HOUR


delays = st.integers(0, 3 * 3600_000).map(lambda ms: timedelta(milliseconds=ms))
SETTLED = Said(truth=False, has_data=False)
answers = st.sampled_from([MET, NOT_MET, UNKNOWN, NO_READING, SETTLED])


@settings(max_examples=80, deadline=None)
@given(
    strategies.ids,
    st.integers(1, 5400).map(lambda seconds: timedelta(seconds=seconds)),
    st.lists(st.tuples(delays, answers, st.booleans()), min_size=1, max_size=25),
)
def test_every_slot_is_accounted_for_once(
    rule_id: str, interval: timedelta, history: list[tuple[timedelta, Said, bool]]
) -> None:
    """Semantics 11: whatever the delays, the verdicts and the wishes in between, rows and their ranges cover the grid
    without a gap and without an overlap, and a postponement neither loses a slot nor outlasts its limit."""
    rule = _rule(interval=interval)._replace(id=rule_id, next_slot_at=next_slot(rule_id, interval, START))
    first, expected, rows = rule.next_slot_at, rule.next_slot_at, set[tuple[Trigger, datetime]]()
    now = START
    for delay, said, wished in history:
        now = max(now, _next_check_at(rule)) + delay
        if wished:
            rule = rule._replace(run_requested_at=rule.run_requested_at or now)
        settled = settle(rule, said, now)
        _check_postponement(rule, settled, said, now)
        for one in settled.answered:
            assert (one.trigger, one.scheduled_for) not in rows
            rows.add((one.trigger, one.scheduled_for))
            if one.trigger is Trigger.SLOT:
                assert (one.coalesced_from or one.scheduled_for) == expected
                assert one.coalesced_from is None or one.coalesced_from < one.scheduled_for
                assert (one.scheduled_for - first) % interval == timedelta(0)
                assert one.scheduled_for <= now < one.scheduled_for + interval
                expected = one.scheduled_for + interval
        rule = settled.rule
        assert rule.next_slot_at == expected
        assert _next_check_at(rule) > now, "a check that was settled or put off does not ring at once"


def _check_postponement(rule: RuleRow, settled: Settled, said: Said, now: datetime) -> None:
    slot = latest_slot(rule.id, rule.interval, now)
    deadline = slot + min(timedelta(minutes=10), rule.interval / 2)
    if settled.answered:
        assert said.has_data or now >= deadline or {one.trigger for one in settled.answered} != {Trigger.SLOT}
        return
    assert not said.has_data
    assert now < deadline
    assert settled.rule == rule._replace(slot_not_before=settled.rule.slot_not_before)
    assert settled.rule.slot_not_before is not None
    assert now < settled.rule.slot_not_before <= deadline


@pytest.mark.parametrize(
    ("interval", "limit"),
    [
        (timedelta(minutes=5), timedelta(minutes=2.5)),
        (HALF_HOUR, timedelta(minutes=10)),
        (timedelta(hours=24), timedelta(minutes=10)),
    ],
)
def test_without_weather_a_slot_waits_and_then_ends(interval: timedelta, limit: timedelta) -> None:
    """S10: looked for again with pauses, until 10 min or half the interval have passed; then `no_data`, on the grid."""
    rule = _rule(interval=interval)
    slot, looks = rule.next_slot_at, 0
    while not (settled := settle(rule, NO_READING, _next_check_at(rule))).answered:
        rule, looks = settled.rule, looks + 1
        assert looks < 100
    assert looks > 1
    assert _next_check_at(rule) == slot + limit
    assert settled.answered == (Answered(Trigger.SLOT, slot),)
    assert (settled.rule.next_slot_at, settled.rule.slot_not_before) == (slot + interval, None)


def test_boundary_and_manual_never_wait_for_weather() -> None:
    """S10: only a slot waits; together with another trigger it does not."""
    for rule in (_rule()._replace(next_boundary_at=_SLOT), _rule()._replace(run_requested_at=_SLOT)):
        assert len(settle(rule, NO_READING, _SLOT).answered) == 2


def test_a_wish_does_not_end_the_wait_of_a_slot() -> None:
    """S10: a run now during a postponement has its own row; the slot stays to be settled."""
    waiting = settle(_rule(), NO_READING, _SLOT).rule
    at = _SLOT + timedelta(seconds=5)
    settled = settle(waiting._replace(run_requested_at=at), MET, at)
    assert settled.answered == (Answered(Trigger.MANUAL, at),)
    assert (settled.rule.next_slot_at, settled.rule.slot_not_before) == (_SLOT, waiting.slot_not_before)


@pytest.mark.parametrize("state", RuleState)
@pytest.mark.parametrize("said", [UNKNOWN, NO_READING])
def test_unknown_keeps_the_state(state: RuleState, said: Said) -> None:
    """Semantics 2: unknown plans nothing; the state and its beginning stay as they were."""
    at = _SLOT + timedelta(minutes=20)
    after = settle(_rule(state), said, at).rule.memory
    assert (after.state, after.state_since, after.unknown_since) == (state, START, at)


@pytest.mark.parametrize("state", RuleState)
def test_data_is_lost_after_six_hours_and_only_when_active(state: RuleState) -> None:
    """Semantics 2: the raise of an active rule ends six hours after the first unknown check, at that very time, as a
    boundary; another rule has nothing to lose."""
    first = settle(_rule(state), UNKNOWN, _SLOT).rule
    deadline = _SLOT + NO_DATA_LIMIT
    active = state is RuleState.ACTIVE
    assert first.next_boundary_at == (deadline if active else None)
    early = settle(first, UNKNOWN, deadline - timedelta(milliseconds=1)).rule
    late = settle(first, NO_READING, deadline)
    assert (early.memory.data_lost, late.rule.memory.data_lost) == (False, active)
    assert (Answered(Trigger.BOUNDARY, deadline) in late.answered) is active
    assert late.rule.next_boundary_at is None
    assert (late.rule.memory.state, late.rule.memory.unknown_since) == (state, _SLOT)
    still = settle(late.rule, UNKNOWN, deadline + HALF_HOUR).rule
    assert (still.memory.data_lost, still.next_boundary_at) == (active, None)


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("state", RuleState)
def test_a_verdict_ends_the_doubt(state: RuleState, truth: Truth) -> None:
    """Semantics 2: the next verdict counts from anew; the state's beginning moves only with the state."""
    memory = Memory(state, START, unknown_since=START, data_lost=True)
    lost = _rule(state)._replace(memory=memory, next_boundary_at=_SLOT + timedelta(hours=1))
    settled = settle(lost, MET if truth else NOT_MET, _SLOT).rule
    after = settled.memory
    assert after.state is (RuleState.ACTIVE if truth else RuleState.INACTIVE)
    assert after.state_since == (START if after.state is state else _SLOT)
    assert (after.unknown_since, after.data_lost, settled.next_boundary_at) == (None, False, None)


@pytest.mark.parametrize(
    ("said", "error", "outcome"),
    [
        (MET, None, Outcome.MET),
        (NOT_MET, None, Outcome.NOT_MET),
        (UNKNOWN, None, Outcome.UNKNOWN),
        (NO_READING, None, Outcome.NO_DATA),
        (UNKNOWN, "broken", Outcome.FAILED),
        (NO_READING, "broken", Outcome.FAILED),
    ],
)
def test_outcomes(said: Said, error: str | None, outcome: Outcome) -> None:
    """Semantics 2 and 12: the word for what came of a check; a fault of the rule's own data goes before the rest."""
    assert Judged(_judgement(_rule(), said, _SLOT), "", error=error).outcome is outcome


_FIVE_MINUTES = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("late", "missed"), [(_FIVE_MINUTES, False), (_FIVE_MINUTES + timedelta(milliseconds=1), True)]
)
def test_a_slot_that_is_older_than_its_rule_catches_up_on_is_missed(late: timedelta, missed: bool) -> None:
    """Protocol S: it is accounted for by its own row, without a verdict, and the next slot follows."""
    before = _rule(RuleState.INACTIVE, catch_up=_FIVE_MINUTES)
    settled = settle(before, MET, _SLOT + late)
    assert settled.answered == (Answered(Trigger.SLOT, _SLOT, missed=missed),)
    assert settled.rule.next_slot_at == _SLOT + HALF_HOUR
    assert settled.rule.memory.state is (RuleState.INACTIVE if missed else RuleState.ACTIVE)
    assert settled.rule.memory.unknown_since == before.memory.unknown_since


def test_a_missed_slot_stands_for_those_before_it() -> None:
    """After a long outage one row names the whole range."""
    settled = settle(_rule(catch_up=_FIVE_MINUTES), MET, _SLOT + 3 * HALF_HOUR + timedelta(minutes=20))
    assert settled.answered == (Answered(Trigger.SLOT, _SLOT + 3 * HALF_HOUR, _SLOT, missed=True),)


def test_what_was_asked_for_is_answered_beside_a_missed_slot() -> None:
    """A boundary or a wish is never too old: it gets the verdict, the slot does not."""
    at = _SLOT + timedelta(minutes=20)
    settled = settle(_rule(catch_up=_FIVE_MINUTES)._replace(run_requested_at=at), MET, at)
    assert [(one.trigger, one.missed) for one in settled.answered] == [(Trigger.SLOT, True), (Trigger.MANUAL, False)]
    assert settled.rule.memory.state is RuleState.ACTIVE


def test_a_slot_that_waits_for_weather_is_not_missed() -> None:
    """S10: it was begun in time, and ends as no_data at its deadline."""
    waiting = settle(_rule(catch_up=timedelta(seconds=1)), NO_READING, _SLOT).rule
    assert waiting.slot_not_before is not None
    (answered,) = settle(waiting, NO_READING, _SLOT + timedelta(minutes=10)).answered
    assert not answered.missed


@pytest.mark.parametrize("days", [0, 1])
def test_a_slot_that_waited_for_weather_before_an_outage_is_missed_after_it(days: int) -> None:
    """Its waiting is over long ago; and the slots after it were never begun."""
    waiting = settle(_rule(catch_up=_FIVE_MINUTES), NO_READING, _SLOT).rule
    settled = settle(waiting, MET, _SLOT + timedelta(days=days, minutes=25))
    assert [one.missed for one in settled.answered] == [True]
    assert settled.rule.memory.state is RuleState.INACTIVE
    assert settled.rule.slot_not_before is None


def test_without_a_limit_nothing_is_missed() -> None:
    """The latest slot is never older than one interval."""
    assert not settle(_rule(), MET, _SLOT + 2 * HALF_HOUR - timedelta(milliseconds=1)).answered[0].missed
