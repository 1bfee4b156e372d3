"""Protocol S as a state machine that runs the real steps on real servers, with an adversary between any two of them.

Time is the model's. Processes die, stand still and go on much later; servers go away before a command or with its
answer; messages are lost, repeated, kept back and shuffled; Redis forgets everything; people edit, pause and run rules.
Afterwards there are two good minutes. Then `schedule_model.judge` must find every check recorded exactly once.

What it finds within 10 examples when the code is broken: S5a without its guard on the due time, without its lock, with
T from before it; rows in a transaction of their own; a next slot from the finish time; a blind ZADD in S6; a sweep that
does not add, or not lower; no `superseded` row; a resume, or a wait for weather, that belongs to before an edit; a wish
that is lost or overwritten; a boundary that is lost; no patience for weather, or no end of it; an old condition; poison
that is never ended, or soon. Within 70: T before the locks of S8. Not in 80, for other guards and the sweep mend it: a
compare-and-set that always succeeds; starts that are never taken back, or count for later checks; poison that does not
travel alone; a fetcher that keeps what a newer claim took; a wish that ends the wait for weather.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any  # settings of Hypothesis

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from tests.integration.engine import Engine
from tests.integration.schedule_model.choices import (
    BEGUN,
    DISPATCH,
    EDIT,
    ENOUGH,
    FETCH,
    LATE_MS,
    LONGEST_LEASE_MS,
    RULES,
    SWEEP,
    contenders,
    every,
    hosts,
    leaps,
    names,
    picks,
    spells,
    troubles_at,
    troubles_of_a_check,
    wishes,
)
from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.installation import HOSTS, Installation
from tests.integration.schedule_model.mail import TO_EVALUATOR, TO_FETCHER, rules_in
from tests.integration.schedule_model.sky import Spell


class ScheduleMachine(Installation):
    """What may happen."""

    @initialize(intervals=st.tuples(*[every] * len(RULES)), host=hosts)
    def begin(self, intervals: tuple[str, ...], host: int) -> None:
        for number, (name, interval) in enumerate(zip(RULES, intervals, strict=True)):
            self.wanted[name] = {"every": interval, "above": 0.5, "place": number % 2, "enabled": True}
        self.wanted["dogwood"] |= {"catch_up": "1 s"}
        self.wanted["birch"] |= {"hold": {"keep_for": "40 s"}}
        self.wanted["cedar"] |= {"hold": {"for": "20 s", "keep_for": "2 h"}}
        self.do(host, lambda one: one.edit(*map(self.document, RULES)))

    # --- the steps

    @rule(host=hosts, name=names, late=st.sampled_from(LATE_MS), spell=spells, troubles=troubles_of_a_check)
    def check(self, host: int, name: str, late: int, spell: Spell | None, troubles: tuple[Trouble | None, ...]) -> None:
        """The way of one check when its time has come, each step with its trouble."""
        self.sky.spell = spell or self.sky.spell
        self.wait_until_due(name, late)
        self.dispatch_due(host, troubles[0])
        for trouble in troubles[1:]:
            self.deliver(host, which=0, again=False, trouble=trouble)

    @rule(host=hosts, measures=st.booleans(), trouble=troubles_at(DISPATCH))
    def dispatch(self, host: int, measures: bool, trouble: Trouble | None) -> None:
        self.dispatch_due(host, trouble, measures=measures)

    @rule(host=hosts, trouble=troubles_at(SWEEP))
    def sweep(self, host: int, trouble: Trouble | None) -> None:
        self.do(host, lambda one: one.sweep(), trouble)
        if trouble is None:
            assert self.silent(late_by_ms=31_000) == {}
            self.may_be_late = bool(self.still or self.is_ahead or self.late(LONGEST_LEASE_MS))

    @rule(host=hosts, which=picks, again=st.booleans(), trouble=troubles_at(FETCH))
    def deliver(self, host: int, which: int, again: bool, trouble: Trouble | None) -> None:
        """One that waits, or one that was delivered before."""
        if waiting := () if again else self.mail.waiting():
            self.hand_over(host, self.mail.take(*waiting[which % len(waiting)]), trouble)
        elif self.mail.copies:
            self.hand_over(host, self.mail.copies[-1 - which % len(self.mail.copies)], trouble)

    @rule(host=hosts)
    def work(self, host: int) -> None:
        """A round in which nothing goes wrong."""
        self.dispatch_due(host)
        self.drain(host)

    # --- people

    @rule(host=hosts, name=names, what=wishes, trouble=troubles_at(EDIT))
    def wish(self, host: int, name: str, what: Mapping[str, object], trouble: Trouble | None) -> None:
        self.do(host, self.step_of(what, name).run, trouble)
        self.may_be_late |= trouble is not None
        if trouble is None and "schedule" in what:
            asked = "SELECT enabled = (run_requested_at IS NOT NULL) FROM automation_rules WHERE id = %(id)s"
            assert self.engine.value(asked, id=name)

    @rule(name=names, first=contenders, second=contenders, leap=leaps, waits=st.booleans())
    def meet(self, name: str, first: Any, second: Any, leap: int, waits: bool) -> None:
        """Checks and wishes come to a rule that is due at the same time."""
        self.wait_until_due(name)
        self.sweep(0, None)
        self.dispatch_due(0)
        self.drain(0, TO_FETCHER)
        letters = [self.mail.take(*one) for one in self.mail.waiting(TO_EVALUATOR)]
        if letter := next((one for one in letters if name in rules_in(one)), None):
            one, other = self.step_of(first, name, letter), self.step_of(second, name, letter)
            if waits:
                self.race(one, other, leap)
            else:
                self.overtake(one, other, leap)
                self.may_be_late |= not one.compares

    # --- what happens to them

    @rule(leap=leaps, more=st.integers(0, 999), spell=spells)
    def advance(self, leap: int, more: int, spell: Spell | None) -> None:
        self.sky.spell = spell or self.sky.spell
        self.ground.advance(timedelta(milliseconds=leap + more))

    @rule(host=hosts, name=names, then=st.sampled_from((Spell.BLIND, Spell.AWAY)), pauses=st.booleans())
    def lose_the_weather(self, host: int, name: str, then: Spell, pauses: bool) -> None:
        """A rule is active, and then there is no verdict for six hours: its boundary comes, maybe during a pause."""
        for spell, passed in ((Spell.RAIN, 0), (Spell.BLIND, 11), (then, 11), (then, 361)):
            if pauses and passed == 361:
                self.wish(host, name, {"enabled": False}, None)
            self.ground.advance(timedelta(minutes=passed))
            self.check(host, name, late=0, spell=spell, troubles=(None, None, None))

    @rule(host=hosts, name=names, times=st.integers(1, ENOUGH))
    def be_poison(self, host: int, name: str, times: int) -> None:
        """So many processes die of the same check, and of no other."""
        self.wait_until_due(name)
        due = self.ground.next_checks().get(name)
        for _ in range(times):
            self.sweep(host, None)
            self.dispatch_due(host)
            while waiting := self.mail.waiting():
                letter = self.mail.take(*waiting[0])
                self.hand_over(host, letter, Trouble(Kind.CRASH, BEGUN) if name in rules_in(letter) else None)
            self.ground.advance(timedelta(seconds=31))
        assert due is None or times < ENOUGH or self.ground.next_checks()[name] != due

    @rule(mishap=st.sampled_from(("lost messages", "FLUSHALL", "SCRIPT FLUSH", "wrong clock")), which=picks)
    def mishap(self, mishap: str, which: int) -> None:
        match mishap:
            case "lost messages":
                for one in self.mail.waiting()[: which % 3]:
                    self.mail.take(*one)
            case "FLUSHALL":
                self.engine.redis.flushall()
            case "SCRIPT FLUSH":
                self.engine.redis.script_flush()
            case "wrong clock":
                self.be_ahead(which % HOSTS)

    @rule(which=picks, dies=st.booleans())
    def thaw(self, which: int, dies: bool) -> None:
        if self.still:
            self.still.pop(which % len(self.still)).thaw(dead=dies)

    @invariant()
    def nothing_is_recorded_ahead_of_time(self) -> None:
        assert self.ground.early_records() == 0

    @invariant()
    def no_bell_is_late(self) -> None:
        """But for the bells of wishes that came to no good end, and of a wrong clock: the sweep is there for those."""
        assert self.may_be_late or self.late(LONGEST_LEASE_MS) == {}


def hold(engine: Engine, examples: int, **options: Any) -> None:
    """Runs so many histories of fifty steps."""
    ground = Ground(engine)
    ground.set_up()
    machine = type("Machine", (ScheduleMachine,), {"ground": ground})
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=50, **options))


def test_no_check_is_lost_or_recorded_twice(engine: Engine) -> None:
    hold(engine, 20)


@pytest.mark.faults
def test_no_check_is_lost_or_recorded_twice_in_many_histories(engine: Engine) -> None:
    hold(engine, 400)
