"""Protocol C as a state machine that runs the real steps on a real database, with an adversary between any two of them.

Time is the model's. Writes land twice, late or never, workers die and are overtaken, reads lag, people edit the ads,
rules are edited, paused and set to dry run, platforms are away, fail and ask for waits, doorbells come twice or not at
all. After a quiet day both platforms must be as a plain oracle says, by no more writes than it would have made
(semantics 15 to 28). The platforms are in memory, or the sandbox behind the real adapters, its journal the witness.

How long a raise may wait, and that nothing else does, say `test_pace_model.py` and `test_calls_model.py`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.integration.changes_model.happenings import Happenings
from tests.integration.changes_model.in_sandbox import InSandbox
from tests.integration.changes_model.installation import WATCH
from tests.integration.changes_model.one_account import run_histories
from tests.integration.changes_model.outside import InMemory, Outside
from tests.integration.changes_model.platform import Mood
from tests.integration.changes_model.scene import ACCOUNTS, FOUND, A, B, persons_choice
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, RAIN
from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.ground import Ground
from weathertrigger.domain.weather import Metric, Value

names = st.sampled_from(("wet", "hot", "low"))
moods = st.sampled_from([*Mood, *[Mood.TAKEN, Mood.LATE] * 3])
weathers = st.sampled_from((RAIN, DRY, RAIN, DRY, None))
accounts = st.sampled_from(list(ACCOUNTS))
early = ("looked", "decided")
turns = st.tuples(names, st.sampled_from((RAIN, DRY)))
carriers = st.sampled_from(list(FOUND))
Turn = tuple[str, Mapping[Metric, Value]]
minutes = st.sampled_from((0, 1, 2, 3, 16, 62, 400, 1500))
deaths = st.none() | st.builds(Trouble, st.just(Kind.CRASH), st.integers(1, 24))
EDITS: list[dict[str, object]] = [
    {"enabled": False},
    {"enabled": True},
    {"mode": "dry_run"},
    {"mode": "live"},
    {"enabled": True, "mode": "live"},
]


class ChangesMachine(Happenings):
    """One step is one thing that happens in the world."""

    @rule(name=names, weather=weathers, act=st.booleans(), mood=moods)
    def verdict(self, name: str, weather: Any, act: bool, mood: Mood) -> None:
        self.judge(name, weather)
        if act:
            self.act(mood)

    @rule(name=names, weather=weathers, trouble=deaths)
    def verdict_of_one_that_dies(self, name: str, weather: Any, trouble: Trouble | None) -> None:
        self.judge(name, weather, trouble)

    @rule(name=names, changed=st.sampled_from(EDITS), mood=moods)
    def rule_edit(self, name: str, changed: dict[str, object], mood: Mood) -> None:
        self.edit(name, **changed)
        self.act(mood)

    @rule(mood=moods, trouble=deaths, again=st.booleans())
    def doorbell(self, mood: Mood, trouble: Trouble | None, again: bool) -> None:
        self.act(mood, trouble)
        if again:
            self.act()

    @rule(moment=st.sampled_from(("leaving", "landed")), first=turns)
    def death_at_the_call(self, moment: str, first: Turn) -> None:
        self.judge(*first)
        self.die(moment)

    @rule(passed=minutes, working=st.booleans(), mood=moods)
    def time(self, passed: int, working: bool, mood: Mood) -> None:
        self.advance(timedelta(minutes=passed), working=working, mood=mood)

    @rule(carrier=carriers, which=st.integers(0, 3), during=st.booleans(), mood=moods)
    def person(self, carrier: Any, which: int, during: bool, mood: Mood) -> None:
        """Sets another value, or the one that was there at first."""
        value = persons_choice(carrier, self.outside.value(carrier), which)
        if during:
            self.edit_during_call(carrier, value, mood)
        else:
            self.edit_by_hand(carrier, value)

    @rule(carrier=carriers)
    def put_back(self, carrier: Any) -> None:
        self.undo(carrier)

    @rule(carrier=carriers)
    def give_back(self, carrier: Any) -> None:
        self.release(carrier)

    @rule(account=accounts, moment=st.sampled_from((*early, "leaving")), first=turns, then=turns, trouble=deaths)
    def overtaken(self, account: str, moment: str, first: Turn, then: Turn, trouble: Trouble | None) -> None:
        """By a worker that may die in its turn."""
        self.judge(*first)
        if not self.paused:
            self.be_overtaken(account, moment, lambda: self.judge(*then), trouble)

    @rule(moment=st.sampled_from(early), first=turns, then=turns)
    def verdict_meanwhile(self, moment: str, first: Turn, then: Turn) -> None:
        self.judge(*first)
        self.meanwhile(moment, lambda: self.judge(*then))

    @rule(moment=st.sampled_from(early), first=turns, name=names, changed=st.sampled_from(EDITS))
    def rule_edit_meanwhile(self, moment: str, first: Turn, name: str, changed: dict[str, object]) -> None:
        self.judge(*first)
        self.meanwhile(moment, lambda: self.edit(name, **changed))

    @rule(moment=st.sampled_from(early), first=turns)
    def kill_switch_meanwhile(self, moment: str, first: Turn) -> None:
        self.judge(*first)
        self.meanwhile(moment, lambda: self.pause(True))

    @precondition(lambda self: self.outside.under_way())
    @rule(which=st.integers(0, 9))
    def lands(self, which: int) -> None:
        self.land_late(which)

    @initialize(lags=st.booleans())
    def reads(self, lags: bool) -> None:
        self.outside.let_reads_lag(lags)

    @rule(paused=st.booleans())
    def kill_switch(self, paused: bool) -> None:
        self.pause(paused)


def in_memory(ground: Ground) -> Outside:
    return InMemory(ground.now)


def in_sandbox(ground: Ground) -> Outside:
    return InSandbox(ground.now)


def hold(engine: Engine, outside: Callable[[Ground], Outside], examples: int, steps: int = 25, **options: Any) -> None:
    """Runs so many histories."""
    machine = type("Machine", (ChangesMachine,), {"make_outside": staticmethod(outside)})
    run_histories(engine, machine, examples, steps, WATCH, **options)


@pytest.fixture
def history(engine: Engine) -> ChangesMachine:
    """One that a test tells itself, and ends with `teardown`."""
    ground = Ground(engine)
    ground.set_up()
    engine.execute(WATCH)
    attributes = {"ground": ground, "make_outside": staticmethod(in_memory)}
    machine: type[ChangesMachine] = type("Machine", (ChangesMachine,), attributes)
    return machine()


def test_an_undo_outlives_a_rule_that_ends_with_leave(history: ChangesMachine) -> None:
    """Semantics 18 and 29, found by the model: the undo was ordered and not carried out when the rule was disabled."""
    history.verdict("low", RAIN, act=True, mood=Mood.TAKEN)
    history.put_back(B)
    history.rule_edit("low", {"enabled": False}, mood=Mood.TAKEN)
    assert history.outside.value(B) == FOUND[B]
    history.teardown()


def test_a_refusal_is_final_whatever_a_dry_run_says(history: ChangesMachine) -> None:
    """Protocol C8, found by the model: its oracle took the dry run of another rule for the field's newest decision."""
    history.verdict("wet", RAIN, act=True, mood=Mood.TAKEN)
    history.verdict("hot", RAIN, act=True, mood=Mood.TAKEN)
    history.rule_edit("wet", {"mode": "dry_run"}, mood=Mood.REFUSED)
    history.teardown()


def test_a_late_write_that_nobody_saw_for_a_day_is_a_persons(history: ChangesMachine) -> None:
    """Semantics 20, found by the model: it landed while no worker lived, and its oracle took it for the engine's."""
    history.verdict("low", RAIN, act=False, mood=Mood.TAKEN)
    history.doorbell(Mood.LATE, None, again=False)
    history.time(3, working=False, mood=Mood.TAKEN)
    history.rule_edit("low", {"mode": "live"}, mood=Mood.REFUSED)
    history.lands(0)
    history.time(1500, working=False, mood=Mood.TAKEN)
    history.time(1500, working=True, mood=Mood.TAKEN)
    history.give_back(A)
    history.teardown()


@pytest.mark.parametrize(("outside", "examples"), [(in_memory, 6), (in_sandbox, 3)])
def test_the_platforms_are_as_the_oracle_says(
    engine: Engine, outside: Callable[[Ground], Outside], examples: int
) -> None:
    """Semantics 15 to 28, in a few histories."""
    hold(engine, outside, examples)


@pytest.mark.faults
@pytest.mark.parametrize(("outside", "examples"), [(in_memory, 400), (in_sandbox, 150)])
def test_the_platforms_are_as_the_oracle_says_in_many_histories(
    engine: Engine, outside: Callable[[Ground], Outside], examples: int
) -> None:
    """Semantics 15 to 28, in many."""
    hold(engine, outside, examples, 40)
