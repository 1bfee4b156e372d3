"""Protocol S as a state machine that runs the real steps on real servers, with an adversary between any two of them.

Time is the model's. Processes die, stand still and go on much later; servers go away before a command or with its
answer; messages are lost, repeated, kept back and shuffled; Redis forgets everything; people edit, pause and run rules.
Afterwards there are two good minutes. Then `schedule_model.judge` must find every check recorded exactly once.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any  # settings of Hypothesis

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.integration import rule_documents
from tests.integration.engine import Engine
from tests.integration.rule_documents import Document
from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.judge import faults_of
from tests.integration.schedule_model.mail import Mail
from tests.integration.schedule_model.process import Process
from tests.integration.schedule_model.sky import Sky, Spell

RULES = ("ash", "birch", "cedar", "dogwood")
PLACES = ({"latitude": 40.69, "longitude": -74.17}, {"latitude": 52.52, "longitude": 13.4})
INTERVALS = ("1 s", "2 s", "7 s", "30 s", "90 s", "10 min", "1 h", "12 h", "24 h")
LEAPS_MS = (1, 40, 900, 3_100, 8_000, 15_500, 31_000, 61_000, 600_000, 7_200_000, 22_000_000, 90_000_000)
LATE_MS = (-1, 0, 1, 700, 15_000)
POINTS = (18, 27, 9)
"""Of the steps of a check: where each of them may have its trouble, as far as it comes."""
GOOD_ROUNDS, GOOD_ROUND = 6, timedelta(seconds=20)
HOSTS = 2

rules_ = st.sampled_from(RULES)
hosts = st.integers(0, HOSTS - 1)
any_of_them = st.integers(0, 60)
edits = st.one_of(
    st.fixed_dictionaries({"every": st.sampled_from(INTERVALS)}),
    st.fixed_dictionaries({"enabled": st.booleans()}, optional={"every": st.sampled_from(INTERVALS)}),
    st.fixed_dictionaries({"above": st.sampled_from((0.5, 1.5, 5.0))}),
    st.fixed_dictionaries({"place": st.sampled_from((0, 1))}),
)


def troubles_at(points: int) -> st.SearchStrategy[Trouble | None]:
    """No trouble, or any at one of so many points."""
    kinds = st.sampled_from((Kind.FREEZE, Kind.CRASH, Kind.BLIP, Kind.OUTAGE, Kind.FREEZE))
    some = st.builds(Trouble, kinds, st.integers(1, points))
    return st.one_of(st.none(), some, some)


class ScheduleMachine(RuleBasedStateMachine):
    """What may happen. Every step is the real one; two processes at a time may be awake."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.ground.reset()
        self.engine = self.ground.engine
        self.sky = Sky(self.ground.now)
        self.mail = Mail(self.engine.redis)
        self.awake = [self.fresh() for _ in range(HOSTS)]
        self.still: list[Process] = []
        self.wanted: dict[str, dict[str, object]] = {}

    @initialize(intervals=st.tuples(*[st.sampled_from(INTERVALS)] * len(RULES)), host=hosts)
    def begin(self, intervals: tuple[str, ...], host: int) -> None:
        for number, (rule_id, every) in enumerate(zip(RULES, intervals, strict=True)):
            self.wanted[rule_id] = {"every": every, "above": 0.5, "place": number % 2, "enabled": True}
        self.do(host, lambda one: one.edit(*map(self.document, RULES)))

    # --- the steps

    @rule(
        host=hosts,
        rule_id=rules_,
        late=st.sampled_from(LATE_MS),
        spell=st.none() | st.sampled_from(Spell),
        troubles=st.tuples(*map(troubles_at, POINTS)),
    )
    def check(
        self, host: int, rule_id: str, late: int, spell: Spell | None, troubles: tuple[Trouble | None, ...]
    ) -> None:
        """The way of one check when its time has come, each step with its trouble."""
        self.sky.spell = spell or self.sky.spell
        due = self.ground.next_checks().get(rule_id, 0) + late
        self.ground.advance(timedelta(milliseconds=max(due - self.ground.now_ms, 0)))
        self.dispatch(host, measures=True, trouble=troubles[0])
        for trouble in troubles[1:]:
            self.deliver(host, which=0, trouble=trouble)

    @rule(host=hosts, measures=st.booleans(), trouble=troubles_at(18))
    def dispatch(self, host: int, measures: bool, trouble: Trouble | None) -> None:
        self.awake[host].seconds += 61.0 if measures else 0.1
        self.do(host, lambda one: one.dispatch(), trouble)

    @rule(host=hosts, trouble=troubles_at(5))
    def sweep(self, host: int, trouble: Trouble | None) -> None:
        self.do(host, lambda one: one.sweep(), trouble)
        if trouble is None:
            assert not self.silent(within_ms=60_000, late_by_ms=31_000)

    @precondition(lambda self: self.mail.waiting())
    @rule(host=hosts, which=any_of_them, trouble=troubles_at(27))
    def deliver(self, host: int, which: int, trouble: Trouble | None) -> None:
        if waiting := self.mail.waiting():
            letter = self.mail.take(*waiting[which % len(waiting)])
            self.do(host, lambda one: one.consume(letter), trouble)

    @precondition(lambda self: self.mail.copies)
    @rule(host=hosts, which=any_of_them, trouble=troubles_at(9))
    def deliver_again(self, host: int, which: int, trouble: Trouble | None) -> None:
        letter = self.mail.copies[-1 - which % len(self.mail.copies)]
        self.do(host, lambda one: one.consume(letter), trouble)

    @rule(host=hosts)
    def work(self, host: int) -> None:
        """A round in which nothing goes wrong."""
        self.awake[host].seconds += 61.0
        self.do(host, lambda one: one.dispatch())
        self.drain(host)

    @rule(host=hosts, rule_id=rules_, edit=edits, trouble=troubles_at(11))
    def edit(self, host: int, rule_id: str, edit: Mapping[str, object], trouble: Trouble | None) -> None:
        self.wanted[rule_id] |= edit
        document = self.document(rule_id)
        self.do(host, lambda one: one.edit(document), trouble)

    @rule(host=hosts, rule_id=rules_, trouble=troubles_at(5))
    def run_now(self, host: int, rule_id: str, trouble: Trouble | None) -> None:
        self.do(host, lambda one: one.run_now(rule_id), trouble)
        if trouble is None:
            asked = "SELECT enabled = (run_requested_at IS NOT NULL) FROM automation_rules WHERE id = %(id)s"
            assert self.engine.value(asked, id=rule_id)

    @rule(holder=edits, waiter=edits | st.none(), rule_id=rules_, which=any_of_them, leap=st.sampled_from(LEAPS_MS))
    def wait_for_a_lock(
        self, holder: Mapping[str, object], waiter: Mapping[str, object] | None, rule_id: str, which: int, leap: int
    ) -> None:
        """Somebody holds a rule while time passes and somebody else waits for it: an edit, a check or a wish."""
        waiting = self.mail.waiting()
        self.wanted[rule_id] |= holder
        edit = self.document(rule_id)
        first, second = self.awake
        if which % 2 and waiting:
            letter = self.mail.take(*waiting[which % len(waiting)])
            first.run(lambda: first.consume(letter), Trouble(Kind.HOLD, 2))
            second.start(lambda: second.edit(edit))
        else:
            first.run(lambda: first.edit(edit), Trouble(Kind.HOLD, 8))
            second.start(lambda: self.wait_as(second, waiter, rule_id))
        second.wait_for_lock()
        self.ground.advance(timedelta(milliseconds=leap))
        first.thaw()
        second.wait()

    def wait_as(self, process: Process, edit: Mapping[str, object] | None, rule_id: str) -> None:
        if edit is None:
            process.run_now(rule_id)
        else:
            self.wanted[rule_id] |= edit
            process.edit(self.document(rule_id))

    # --- what happens to them

    @rule(leap=st.sampled_from(LEAPS_MS), more=st.integers(0, 999), spell=st.none() | st.sampled_from(Spell))
    def advance(self, leap: int, more: int, spell: Spell | None) -> None:
        self.sky.spell = spell or self.sky.spell
        self.ground.advance(timedelta(milliseconds=leap + more))

    @rule(mishap=st.sampled_from(("lost message", "FLUSHALL", "SCRIPT FLUSH", "wrong clock")), which=any_of_them)
    def mishap(self, mishap: str, which: int) -> None:
        match mishap:
            case "lost message":
                for one in self.mail.waiting()[: which % 3]:
                    self.mail.take(*one)
            case "FLUSHALL":
                self.engine.redis.flushall()
            case "SCRIPT FLUSH":
                self.engine.redis.script_flush()
            case "wrong clock":
                self.be_ahead(which % HOSTS)

    def be_ahead(self, host: int) -> None:
        """The scheduler compared the clocks while Redis's was late: its bells ring 90 s too early now."""
        self.ground.put_clock(self.ground.now_ms + 90_000)
        self.awake[host].seconds += 61.0
        self.do(host, lambda one: one.dispatch(), Trouble(Kind.OUTAGE, 6))
        self.ground.put_clock(self.ground.now_ms - 90_000)

    @precondition(lambda self: self.still)
    @rule(which=any_of_them, dies=st.booleans())
    def thaw(self, which: int, dies: bool) -> None:
        self.still.pop(which % len(self.still)).thaw(dead=dies)

    # --- what must be

    @invariant()
    def nothing_is_recorded_ahead_of_time(self) -> None:
        assert self.ground.early_records() == 0

    def teardown(self) -> None:
        """Two good minutes, and then every check is recorded; whatever comes late after that changes nothing."""
        try:
            self.heal()
            assert not self.silent(within_ms=60_000, late_by_ms=0)
            executions = self.engine.executions()
            assert faults_of(self.ground.history(), executions, self.ground.now_ms) == []
            for letter in self.mail.copies:
                self.do(0, lambda one, letter=letter: one.consume(letter))
            assert self.engine.executions() == executions
        finally:
            for process in self.still:
                process.thaw(dead=True)

    # --- how it is done

    def heal(self) -> None:
        self.sky.spell = Spell.DRY
        while self.still:
            self.still.pop().thaw()
        for _ in range(GOOD_ROUNDS):
            self.ground.advance(GOOD_ROUND)
            self.do(0, lambda one: one.sweep())
            self.work(0)
        due = {rule_id: at for rule_id, at in self.ground.next_checks().items() if at <= self.ground.now_ms}
        assert due == {}, f"still due after two good minutes, at {self.ground.now_ms}"
        self.do(0, lambda one: one.sweep())

    def silent(self, within_ms: int, late_by_ms: int) -> dict[str, float | None]:
        """The bells of the rules due within that time which are missing, or would ring too late."""
        now = self.ground.now_ms
        found = {}
        for rule_id, due in self.ground.next_checks().items():
            score = self.engine.redis.zscore(self.engine.bells.key, rule_id)
            if due <= now + within_ms and (score is None or score > max(due, now + late_by_ms)):
                found[rule_id] = score
        return found

    def do(self, host: int, step: Callable[[Process], object], trouble: Trouble | None = None) -> None:
        """One step of that host's process; whoever dies or stands still is replaced by a new one."""
        self.ground.advance(timedelta(milliseconds=1))
        process = self.awake[host]
        process.run(lambda: step(process), trouble)
        if process.fuse.standing_still:
            self.still.append(process)
        if process.fuse.standing_still or process.fuse.dead:
            self.awake[host] = self.fresh()

    def drain(self, host: int) -> None:
        while waiting := self.mail.waiting():
            letter = self.mail.take(*waiting[0])
            self.do(host, lambda one, letter=letter: one.consume(letter))

    def fresh(self) -> Process:
        return Process(self.engine, self.sky)

    def document(self, rule_id: str) -> Document:
        wanted = dict(self.wanted[rule_id])
        when = {"metric": "rain", "above": wanted.pop("above"), "unit": "mm/h"}
        return rule_documents.rule(rule_id, when=when, place=PLACES[wanted.pop("place")], **wanted)


def hold(engine: Engine, examples: int, **options: Any) -> None:
    """Runs so many histories of fifty steps."""
    ground = Ground(engine)
    ground.set_up()
    machine = type("Machine", (ScheduleMachine,), {"ground": ground})
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=50, **options))


def test_no_check_is_lost_or_recorded_twice(engine: Engine) -> None:
    hold(engine, 25)


@pytest.mark.faults
def test_no_check_is_lost_or_recorded_twice_in_many_histories(engine: Engine) -> None:
    hold(engine, 400)
