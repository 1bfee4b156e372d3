"""The whole way from the bell to the ad as a state machine: real steps on real servers, every message in one bag.

Messages are delivered in any order, again, much later, or never; to steps that die, stand still or lose a server at any
point; the platform loses requests and answers, and lets writes land late. Rules that share fields start and end with
the weather of their places, and are edited, paused and deleted in between. After a quiet time the platform must show
what a sequential engine says, by no more writes (`messages_model.judge` says exactly).

What it finds within 10 examples when the code is broken: an evaluator that judges by an old version of a rule; a value
that is computed from what is there and not from the baseline; a merge of the message's own rules only; an evaluator
that does not ring after its commit; a scheduler that does not ring again; an edit that decides no field anew; an answer
to an older decision that is taken for the answer to the newer one.

Not here, for one step at a time holds the locks: a merge without the lock of its fields, or with locks in another order
(`test_locks_of_fields`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any  # settings of Hypothesis

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.integration.changes_model.platform import Mood
from tests.integration.engine import Engine
from tests.integration.messages_model.bag import TO_ADS
from tests.integration.messages_model.installation import Installation
from tests.integration.messages_model.judge import faults
from tests.integration.messages_model.platform import Death, Fate
from tests.integration.messages_model.scene import PLACES, SCRIPTS, A
from tests.integration.messages_model.sky import Rain
from tests.integration.schedule_model.choices import picks, troubles_at
from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.mail import TO_EVALUATOR, TO_FETCHER

STEP, EDIT = 36, 14
"""How many points most steps have for trouble."""
QUIET = (1, 2, 2, 3, 3, 16, 16, 61, 61)

Weather = tuple[Rain, ...]

names = st.sampled_from(list(SCRIPTS))
rains = st.sampled_from((2.0, 0.0, 2.0, 0.0, 0.3, None))
troubles = st.none() | st.none() | troubles_at(STEP)
weathers = st.tuples(rains, rains, rains)
fates: st.SearchStrategy[Fate] = st.sampled_from(
    [Mood.TAKEN] * 8 + [Mood.ANSWER_LOST, Mood.REQUEST_LOST, Mood.LATE, Mood.LATE, Mood.LIMITED, *Death]
)
leaps = st.sampled_from((0, 1, 2, 6, 11, 11, 16, 31, 62, 400))
edits: st.SearchStrategy[Mapping[str, object]] = st.sampled_from(
    [
        {"enabled": False},
        {"enabled": True},
        {"enabled": True, "mode": "live"},
        {"mode": "dry_run"},
        {"mode": "live"},
        {"above": 5.0},
        {"above": 0.5},
        {"priority": 5},
        {"priority": 30},
        {"place": 0},
        {"place": 2},
        {"every": "5 min"},
        {"gives_up": frozenset({A})},
        {"gives_up": frozenset()},
    ]
)
edit_troubles = st.none() | st.builds(Trouble, st.sampled_from((Kind.CRASH, Kind.BLIP)), st.integers(1, EDIT))
adventures = st.tuples(
    st.sampled_from(("deliver", "deliver", "deliver", "again", "long ago", "lose")), picks, troubles, fates
)


class MessagesMachine(Installation):
    """What may happen."""

    @initialize(here=rains, there=rains)
    def begin(self, here: Rain, there: Rain) -> None:
        self.work((here, there, 2.0), 31)

    @rule(weather=weathers, minutes=leaps, trouble=troubles, met=st.lists(adventures, max_size=9))
    def turn(self, weather: Weather, minutes: int, trouble: Trouble | None, met: Any) -> None:
        """The weather turns, and one message after the other meets its fate."""
        self.set_weather(weather)
        self.pass_time(timedelta(minutes=minutes))
        self.dispatch_due(trouble)
        for adventure in met:
            self.meet(*adventure)

    @rule(weather=weathers, minutes=leaps)
    def work(self, weather: Weather, minutes: int) -> None:
        """The weather turns, and nothing goes wrong, whatever went wrong before."""
        self.set_weather(weather)
        self.pass_time(timedelta(minutes=minutes))
        self.dispatch_due()
        self.drain()

    @rule(
        weather=weathers,
        then=st.tuples(rains, rains, rains),
        others_act=st.booleans(),
        fate=fates,
    )
    def long_call(self, weather: Weather, then: Weather, others_act: bool, fate: Fate) -> None:
        """While a call is on its way there are other verdicts, and maybe others at the account."""
        self.set_weather(weather)
        self.pass_time(timedelta(minutes=31))
        self.dispatch_due()
        self.drain(TO_FETCHER, TO_EVALUATOR)

        def meanwhile() -> None:
            self.set_weather(then)
            self.pass_time(timedelta(minutes=31))
            self.dispatch_due()
            self.drain(*(TO_FETCHER, TO_EVALUATOR, TO_ADS)[: 3 if others_act else 2])

        self.during_the_next_call(meanwhile, fate)
        self.drain(TO_ADS, fate=fate)
        self.platform.leaving = None

    @rule(which=names, change=edits, trouble=edit_troubles, met=st.lists(adventures, max_size=3))
    def edit_by_people(self, which: str, change: Mapping[str, object], trouble: Trouble | None, met: Any) -> None:
        self.edit(which, self.scripts.get(which, SCRIPTS[which]).edited(change), trouble)
        for adventure in met:
            self.meet(*adventure)

    @rule(which=names, trouble=edit_troubles)
    def delete_by_people(self, which: str, trouble: Trouble | None) -> None:
        if which in self.scripts:
            self.edit(which, None, trouble)

    @rule(what=st.sampled_from(("sweep", "ring", "flush", "scripts", "lags", "no lags")), trouble=troubles)
    def mishap_or_repair(self, what: str, trouble: Trouble | None) -> None:
        match what:
            case "sweep":
                self.do(lambda one: one.sweep(), trouble)
            case "ring":
                self.ring_due(trouble)
            case "flush":
                self.engine.redis.flushall()
                self.may_be_silent = True
            case "scripts":
                self.engine.redis.script_flush()
            case _:
                self.platform.lags = what == "lags"

    def set_weather(self, rain: Sequence[Rain]) -> None:
        self.sky.rain = {place.id: one for place, one in zip(PLACES, rain, strict=True)}

    def meet(self, how: str, which: int, trouble: Trouble | None, fate: Fate) -> None:
        """Any message that waits; or one that was delivered lately, or any time before."""
        waiting, copies = self.bag.waiting(), self.bag.copies
        if how == "lose" and waiting:
            self.bag.take(*waiting[which % len(waiting)])
            self.may_be_silent = True
        elif how == "deliver" and waiting:
            self.hand_over(self.bag.take(*waiting[which % len(waiting)]), trouble, fate)
        elif copies:
            back = which % min(len(copies), 4) + 1 if how == "again" else which * 7 % len(copies) + 1
            self.hand_over(copies[-back], trouble, fate)

    @precondition(lambda self: self.still)
    @rule(which=picks, dies=st.booleans())
    def thaw(self, which: int, dies: bool) -> None:
        self.thaw_one(self.still[which % len(self.still)], dies=dies)

    @precondition(lambda self: self.platform.under_way)
    @rule(which=picks)
    def lands(self, which: int) -> None:
        self.land_late(which)

    @invariant()
    def everybody_is_told(self) -> None:
        """Whoever decides rings, and needs no sweeper for it."""
        assert self.may_be_silent or self.unheard() == 0

    @invariant()
    def nothing_is_taken_for_done(self) -> None:
        assert self.forgotten() == 0

    def teardown(self) -> None:
        try:
            self.be_quiet()
            assert faults(self) == []
            executions, journal = self.engine.executions(), list(self.platform.journal)
            for letter in list(self.bag.copies):
                self.hand_over(letter)
            assert (self.engine.executions(), self.platform.journal) == (executions, journal)
        finally:
            for one in self.still:
                one.process.thaw(dead=True)

    def be_quiet(self) -> None:
        """Nothing goes wrong any more, and whatever repairs and rings does it, until all that is due is done."""
        while self.still:
            self.thaw_one(self.still[0], dies=False)
        self.platform.under_way.clear()
        self.platform.lags = False
        for mark in self.engine.redis.scan_iter("*fetching*"):
            self.engine.redis.delete(mark)
        for minutes in QUIET:
            self.pass_time(timedelta(minutes=minutes, seconds=1))
            for _ in range(2):
                self.do(lambda one: one.sweep())
                self.ring_due()
                self.dispatch_due()
                self.drain()
        due = {rule_id: at for rule_id, at in self.ground.next_checks().items() if at <= self.ground.now_ms}
        assert due == {}, f"still due at {self.ground.now_ms}"


def hold(engine: Engine, examples: int, steps: int = 30, **options: Any) -> None:
    """Runs so many histories."""
    ground = Ground(engine)
    ground.set_up()
    machine = type("Machine", (MessagesMachine,), {"ground": ground})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_messages_in_any_order_end_as_the_oracle_says(engine: Engine) -> None:
    """Semantics 19, 25, 26 and 31, from the bell to the ad, in a few histories."""
    hold(engine, 10)


@pytest.mark.faults
def test_messages_in_any_order_end_as_the_oracle_says_in_many_histories(engine: Engine) -> None:
    """Semantics 19, 25, 26 and 31, from the bell to the ad, in many."""
    hold(engine, 400, 50)
