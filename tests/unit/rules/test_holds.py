"""Holds, against a clock that goes minute by minute and counts (semantics 2 and 8)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.rules.weather import AT, reading
from weathertrigger.domain.condition import Comparator, Comparison, Threshold, Truth
from weathertrigger.domain.hold import Hold, OnNoData
from weathertrigger.domain.memory import NOTHING, Memory
from weathertrigger.domain.rule import RuleState
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.judge import THE_PLACE, Criteria, Judgement, PlaceWeather, judge, unreadable
from weathertrigger.rules.judgement_sentences import document_of, sentence_of
from weathertrigger.rules.needs import Needs
from weathertrigger.rules.remember import NO_DATA_LIMIT, remember

_START = datetime(2026, 3, 1, tzinfo=UTC)
_RAIN = Comparison(Metric.RAIN, (Threshold(Comparator.ABOVE, 0.5),), "mm/h")


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@dataclass
class _Clock:
    """Counts minutes: those that the last known answer was yes, those since it became no, those without an answer."""

    wait: int
    keep: int
    ends_without_data: bool
    active: bool = False
    answer: Truth = None
    yes: int = 0
    over: int = -1  # minutes since the end of an active rule's condition; -1: it has not ended
    silent: int = 0

    def minute(self) -> None:
        """One minute goes by after the last answer."""
        self.yes += self.answer is True
        self.over += self.over >= 0
        self.silent += self.answer is None

    def check(self, answer: Truth) -> None:
        was_silent, self.answer = self.answer is None, answer
        if answer is None:
            self.silent = self.silent if was_silent else 0
            if self.active and (self.over >= self.keep >= 0 <= self.over or self._too_silent()):
                self.active, self.yes, self.over = False, 0, -1
            return
        self.silent = 0
        if answer:
            self.over = -1
            if self.yes >= self.wait:
                self.active = True
        else:
            self.yes = 0
            if self.active and self.over < 0:
                self.over = 0
            if self.active and self.over >= self.keep:
                self.active, self.over = False, -1
        if self.active:
            self.yes = 0

    def _too_silent(self) -> bool:
        return self.ends_without_data and self.silent >= 360


_spells = st.lists(st.tuples(st.sampled_from([True, False, None]), st.integers(1, 500)), min_size=1, max_size=12)


@settings(max_examples=150)
@given(st.integers(0, 90), st.integers(0, 90), st.booleans(), st.integers(5, 60), _spells)
def test_holds_count_minutes(
    wait: int, keep: int, ends_without_data: bool, every: int, spells: list[tuple[Truth, int]]
) -> None:
    """Semantics 8 and 2: true at every check for so long before the rule becomes active, unknown neither advances nor
    resets that; active so long after the end; each at its own minute, rung as a boundary between the slots."""
    weather = [answer for answer, length in spells for _ in range(length)]
    hold = Hold(_minutes(wait), _minutes(keep))
    on_no_data = OnNoData.REVERT if ends_without_data else OnNoData.HOLD
    clock, memory, boundary = _Clock(wait, keep, ends_without_data), NOTHING, None
    for minute, answer in enumerate(weather):
        at = _START + _minutes(minute)
        if minute:
            clock.minute()
        assert boundary is None or at <= boundary
        if minute % every and at != boundary:
            continue
        clock.check(answer)
        memory, boundary = remember(memory, answer, at, hold, on_no_data)
        assert (memory.state is RuleState.ACTIVE) is clock.active, (minute, answer)
        assert boundary is None or boundary > at


@settings(max_examples=150)
@given(st.integers(0, 90), st.integers(0, 90), _spells)
def test_nothing_changes_between_the_boundaries(wait: int, keep: int, spells: list[tuple[Truth, int]]) -> None:
    """Semantics 8: a check between two boundaries, on weather that has not changed, changes no state."""
    hold, memory, at = Hold(_minutes(wait), _minutes(keep)), NOTHING, _START
    for answer, length in spells:
        at += _minutes(length)
        memory, boundary = remember(memory, answer, at, hold)
        if boundary and boundary - at > _minutes(1):
            just_before = boundary - timedelta(milliseconds=1)
            between, still = remember(memory, answer, just_before, hold)
            assert (between, still) == (memory, boundary)


def test_a_state_that_stays_is_the_same_object() -> None:
    """What did not change need not be written."""
    hold = Hold(_minutes(30), _minutes(60))
    for truths in ([False, False], [True, True], [True, True, False, False]):
        memory, at, before = NOTHING, AT, NOTHING
        for truth in truths:
            before = memory
            memory, _ = remember(memory, truth, at, hold)
            at += _minutes(5)
        assert memory is before or truths == [True, True]


@pytest.mark.parametrize("keep", [0, 60])
def test_a_condition_that_comes_back_is_not_waited_for_again(keep: int) -> None:
    """Semantics 8: while the rule is kept it is active; only after its end does `for` begin anew."""
    hold = Hold(_minutes(30), _minutes(keep))
    memory, boundary = Memory(RuleState.ACTIVE, AT), None
    for truth, later in ((False, 5), (True, 10)):
        memory, boundary = remember(memory, truth, AT + _minutes(later), hold)
    assert memory.state is (RuleState.ACTIVE if keep else RuleState.INACTIVE)
    assert boundary == (None if keep else AT + _minutes(40))


def test_an_edit_of_a_hold_counts_what_has_passed() -> None:
    """Semantics 8: what is remembered is since when, so a shorter hold may be over already."""
    waiting, boundary = remember(NOTHING, True, AT, Hold(wait=_minutes(60)))
    assert boundary == AT + _minutes(60)
    assert remember(waiting, True, AT + _minutes(40), Hold(wait=_minutes(30)))[0].state is RuleState.ACTIVE


@pytest.mark.parametrize(("on_no_data", "state"), [(OnNoData.HOLD, "active"), (OnNoData.REVERT, "inactive")])
def test_the_end_of_data(on_no_data: OnNoData, state: str) -> None:
    """Semantics 2: after six hours without a verdict the raise is given up, or with `revert` the rule ends."""
    memory, boundary = remember(Memory(RuleState.ACTIVE, AT), None, AT, on_no_data=on_no_data)
    assert (memory.state, boundary) == (RuleState.ACTIVE, AT + NO_DATA_LIMIT)
    memory, boundary = remember(memory, None, AT + NO_DATA_LIMIT, on_no_data=on_no_data)
    assert (memory.state, memory.data_lost, boundary) == (RuleState(state), state == "active", None)


def test_a_rule_that_cannot_be_read_keeps_its_boundary() -> None:
    """S5c: what would have ended it rings all the same; a boundary that has come is over."""
    memory = Memory(RuleState.ACTIVE, AT, ended_at=AT)
    kept = unreadable(memory, AT + _minutes(5), AT + _minutes(60))
    assert (kept.memory.state, kept.next_boundary_at) == (RuleState.ACTIVE, AT + _minutes(60))
    over = AT + _minutes(60)
    assert unreadable(memory, over, over).next_boundary_at == over + NO_DATA_LIMIT


def _judgement(memory: Memory, rain: float | None, later: float = 0) -> tuple[Judgement, str]:
    criteria = Criteria(_RAIN, Needs(looks_at_now=True), hold=Hold(_minutes(60), _minutes(90)))
    weather = {THE_PLACE: PlaceWeather(reading({} if rain is None else {Metric.RAIN: rain}))}
    judgement = judge(criteria, memory, weather, AT + _minutes(later))
    said = sentence_of(judgement, weather, AT + _minutes(later))
    return judgement, said.split(" (Open")[0] + said.split(" min ago)")[1]


def test_the_sentences_of_holds() -> None:
    """Semantics 8 and 32: why a rule is not active yet, why it still is, and why it ends."""
    waiting, said = _judgement(NOTHING, 0.7)
    until = "The rule becomes active at 15:06 UTC if it stays so."
    assert said == f"Not active yet: rain 0.7 mm/h is above 0.5 mm/h. {until}"
    active, said = _judgement(waiting.memory, 0.7, 60)
    assert said == "Fired: rain 0.7 mm/h is above 0.5 mm/h."
    kept, said = _judgement(active.memory, 0.2, 70)
    assert said == "Still active: rain 0.2 mm/h is not above 0.5 mm/h. The rule stays active until 16:46 UTC."
    assert _judgement(kept.memory, 0.2, 80)[0].memory is kept.memory


def test_the_end_without_a_verdict_is_explained() -> None:
    """Semantics 8 and 32: `keep_for` goes by the clock."""
    ended = Memory(RuleState.ACTIVE, AT, ended_at=AT)
    judgement, said = _judgement(ended, None, 90)
    assert (judgement.truth, judgement.memory.state) == (None, RuleState.INACTIVE)
    end = "The rule ends: it was kept for 90 min after its condition had ended."
    assert said == f"No verdict: the weather was observed 96 min ago. {end}"


def test_the_document_of_a_hold() -> None:
    """Semantics 32: since when and until when, for whoever reads the execution."""
    waiting, _ = _judgement(NOTHING, 0.7)
    document = document_of(waiting, {THE_PLACE: PlaceWeather(reading({Metric.RAIN: 0.7}))})
    assert document is not None
    times = {"met_since": "2026-03-01T14:06:00+00:00", "active_from": "2026-03-01T15:06:00+00:00"}
    assert document["hold"] == {"for": "1 h", **times}
