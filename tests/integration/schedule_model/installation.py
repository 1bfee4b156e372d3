"""What the model does with its processes, its mail and its clock, and how it holds what came of it to account."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any  # a choice of Hypothesis

from hypothesis.stateful import RuleBasedStateMachine

from tests.integration import rule_documents
from tests.integration.engine import NAMESPACE
from tests.integration.rule_documents import Document
from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.judge import faults_of
from tests.integration.schedule_model.mail import Letter, Mail, rules_in
from tests.integration.schedule_model.process import Process
from tests.integration.schedule_model.sky import Sky, Spell

HOSTS = 2
PLACES = ({"latitude": 40.69, "longitude": -74.17}, {"latitude": 52.52, "longitude": 13.4})
GOOD_ROUNDS, GOOD_ROUND = 6, timedelta(seconds=20)
_A_MINUTE = 61.0


@dataclass(frozen=True)
class Step:
    """A step on one rule; `locks_at` is the point before the transaction that locks it."""

    run: Callable[[Process], object]
    locks_at: int
    compares: bool = False
    """Whether it moves the bell only from where it expects it."""


class Installation(RuleBasedStateMachine):
    """Two processes are awake at a time; others may stand still. `wanted` is what people last said of each rule."""

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
        self.ended_by: Counter[str] = Counter()
        self.may_be_late = self.is_ahead = False

    # --- steps

    def do(self, host: int, step: Callable[[Process], object], trouble: Trouble | None = None) -> None:
        """One step of that host's process; whoever dies or stands still is replaced by a new one."""
        self.ground.tick()
        process = self.awake[host]
        process.run(lambda: step(process), trouble)
        if process.fuse.standing_still:
            self.still.append(process)
        if process.fuse.standing_still or process.fuse.dead:
            self.awake[host] = self.fresh()

    def dispatch_due(self, host: int, trouble: Trouble | None = None, *, measures: bool = True) -> None:
        self.awake[host].seconds += _A_MINUTE if measures else 0.0
        self.do(host, lambda one: one.dispatch(), trouble)

    def hand_over(self, host: int, letter: Letter, trouble: Trouble | None = None) -> None:
        if trouble:
            self.ended_by.update(rules_in(letter))
        self.do(host, lambda one: one.consume(letter), trouble)

    def drain(self, host: int, *queues: str) -> None:
        while waiting := self.mail.waiting(*queues):
            self.hand_over(host, self.mail.take(*waiting[0]))

    def wait_until_due(self, rule_id: str, late_ms: int = 0) -> None:
        due = self.ground.next_checks().get(rule_id, 0) + late_ms
        self.ground.advance(timedelta(milliseconds=max(due - self.ground.now_ms, 0)))

    def step_of(self, what: Any, name: str, letter: Letter | None = None) -> Step:
        """What somebody does to this rule: consumes the letter, asks for a check, or edits it."""
        if letter and what == "check":
            return Step(lambda one: one.consume(letter), locks_at=3, compares=True)
        if "schedule" not in what:
            document = self.document(name, **what)
            return Step(lambda one: one.edit(document), locks_at=7)
        if interval := what["schedule"]:
            self.wanted[name] |= {"every": interval}
            return Step(lambda one: one.schedule_rule(name, interval), locks_at=1)
        return Step(lambda one: one.run_now(name), locks_at=1)

    def race(self, first: Step, second: Step, leap_ms: int) -> None:
        """The first holds its locks while time passes; the second, which was just about to lock, waits for them."""
        holder, waiter = self.awake
        waiter.run(lambda: second.run(waiter), Trouble(Kind.FREEZE, second.locks_at))
        holder.run(lambda: first.run(holder), Trouble(Kind.HOLD, first.locks_at + 1))
        assert waiter.fuse.standing_still
        assert holder.fuse.holds
        waiter.fuse.thaw()
        waiter.wait_for_lock()
        self.ground.advance(timedelta(milliseconds=leap_ms))
        holder.thaw()
        waiter.wait()

    def overtake(self, first: Step, second: Step, leap_ms: int) -> None:
        """The first stands still between its commit and its bell, while the second one does its work."""
        slow, quick = self.awake
        slow.run(lambda: first.run(slow), Trouble(Kind.FREEZE, first.locks_at + 2))
        assert slow.fuse.standing_still
        self.ground.tick()
        quick.run(lambda: second.run(quick))
        self.ground.advance(timedelta(milliseconds=leap_ms))
        slow.thaw()

    def be_ahead(self, host: int) -> None:
        """The scheduler compared the clocks while Redis's was late: its bells ring 90 s too early now."""
        self.ground.put_clock(self.ground.now_ms + 90_000)
        self.dispatch_due(host, Trouble(Kind.OUTAGE, 6))
        self.ground.put_clock(self.ground.now_ms - 90_000)
        self.is_ahead = self.may_be_late = True

    def fresh(self) -> Process:
        return Process(self.engine, self.sky)

    def document(self, rule_id: str, **changed: object) -> Document:
        """The rule as a file would say it, after another change."""
        self.wanted[rule_id] |= changed
        wanted = dict(self.wanted[rule_id])
        when = {"metric": "rain", "above": wanted.pop("above"), "unit": "mm/h"}
        return rule_documents.rule(rule_id, when=when, place=PLACES[wanted.pop("place") == 1], **wanted)

    # --- account

    def silent(self, late_by_ms: int) -> dict[str, int]:
        """The rules due within a minute whose bells are missing, or would ring too late."""
        horizon = self.ground.now_ms + 60_000
        due = {name: at for name, at in self.ground.next_checks().items() if at <= horizon}
        ringing = self.engine.bells.of(list(due))
        late = self.late(late_by_ms)
        return {name: at for name, at in due.items() if name in late or name not in ringing}

    def late(self, by_ms: int) -> dict[str, int]:
        """The bells that would ring too late."""
        due = self.ground.next_checks()
        bound = self.ground.now_ms + by_ms + self.ground.passed_really() // timedelta(milliseconds=1)
        bells = self.engine.bells.of(list(due))
        return {name: rings for name, rings in bells.items() if rings > max(due[name], bound)}

    def heal(self) -> None:
        """Whoever stands still goes on, so do rules that were paused, and two good minutes pass. That a place could not
        be had lately is remembered in Redis's own time, which hardly passes here: it is forgotten."""
        self.sky.spell = Spell.DRY
        for mark in self.engine.redis.scan_iter(f"{NAMESPACE}:fetching.*"):
            self.engine.redis.delete(mark)
        while self.still:
            self.still.pop().thaw()
        self.do(0, lambda one: one.edit(*(self.document(name, enabled=True) for name in self.wanted)))
        for _ in range(GOOD_ROUNDS):
            self.ground.advance(GOOD_ROUND)
            self.do(0, lambda one: one.sweep())
            self.dispatch_due(0)
            self.drain(0)
        due = {rule_id: at for rule_id, at in self.ground.next_checks().items() if at <= self.ground.now_ms}
        assert due == {}, f"still due after two good minutes, at {self.ground.now_ms}"

    def teardown(self) -> None:
        """Then every check is recorded and every bell stands right, and what comes late answers no later check."""
        try:
            self.heal()
            self.do(0, lambda one: one.sweep())
            assert self.silent(late_by_ms=0) == {}
            executions = self.engine.executions()
            assert faults_of(self.ground.history(), executions, self.ground.now_ms, self.ended_by) == []
            self.ground.advance(timedelta(days=1))
            for letter in self.mail.copies:
                self.hand_over(0, letter)
            assert self.engine.executions() == executions
        finally:
            for process in self.still:
                process.thaw(dead=True)
