"""The charts of `docs/states.md` are what the code does: a long walk through it finds every transition and no other."""

import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from tests.unit.rules.charts import CHARTS, Transition, charted
from tests.unit.rules.fields import START, compute, free, plus
from weathertrigger.domain.change import AdField, ChangeState, FieldState
from weathertrigger.domain.rule import Ending, ManualChange
from weathertrigger.planning import decide
from weathertrigger.rules.by_people import released, undone
from weathertrigger.rules.merge import Resolution
from weathertrigger.rules.reconcile import (
    SECOND_LOOK,
    answered,
    given_up,
    gone,
    reconcile,
    refused,
    unanswered,
    withdrawn,
)

_OPEN = {ChangeState.PLANNED, ChangeState.CALLING, ChangeState.UNKNOWN}
_WINNERS = [None, None, plus(20), plus(50, "heat")]


@dataclass
class Walk:
    """One field and its newest change, which go through what can happen to them."""

    chance: random.Random
    now: datetime = START
    field: AdField = replace(free(None), generation=0, next_at=None)
    platform: str = "b0"
    change: ChangeState | None = None
    of_fields: set[Transition] = dataclasses.field(default_factory=set)
    of_changes: set[Transition] = dataclasses.field(default_factory=set)

    def step(self) -> None:
        """Somebody decides, somebody edits, time passes, or the platform is looked at."""
        what: Callable[[], None] = self.chance.choice(
            [self.decide, self.edit, self.wait, self.order, self.look, self.look, self.look]
        )
        what()

    def decide(self) -> None:
        resolution = Resolution(self.chance.choice(_WINNERS), self.chance.choice(list(Ending)))
        generation = self.field.generation
        self.become(decide(self.field, resolution, self.now, any_live=self.chance.random() < 0.5))
        if self.field.generation != generation:
            self.plan()

    def edit(self) -> None:
        self.platform = self.chance.choice(["p1", "p2", "b0"])

    def wait(self) -> None:
        self.now += timedelta(minutes=self.chance.choice([1, 2, 16, 61, 1500]))

    def order(self) -> None:
        """Somebody puts a value back, or gives the field back."""
        generation = self.field.generation
        if self.field.state is FieldState.HELD:
            self.become(released(self.field, self.now))
        elif self.chance.random() < 0.2:
            before = self.chance.choice(["b0", "p1"])
            self.become(undone(self.field, observed=self.platform, before=before, reason="undo", at=self.now))
        if self.field.generation != generation:
            self.plan()

    def plan(self) -> None:
        if self.change in {ChangeState.PLANNED, ChangeState.UNKNOWN}:
            self.turn(ChangeState.SUPERSEDED)
        self.change = ChangeState.PLANNED

    def look(self) -> None:
        if self.field.next_at is None:
            return
        self.now = max(self.now, self.field.next_at)
        if self.field.winner is None and self.chance.random() < 0.02:
            self.end()
            return
        says = self.chance.choice([ManualChange.YIELD, ManualChange.YIELD, ManualChange.REASSERT])
        any_live = self.chance.random() < 0.5
        step = reconcile(
            self.field,
            self.platform,
            now=self.now,
            compute=compute,
            speak=str,
            any_live=any_live,
            on_manual_change=says,
        )
        if self.chance.random() < 0.05:
            self.become(given_up(self.field, self.field.generation, self.now))
            self.finish(ChangeState.REJECTED)
        elif step.write:
            self.become(step.field)
            self.change = self.change if self.change in _OPEN else None  # what is finished stays: this is another row
            self.turn(ChangeState.CALLING)
            self.call(step.write.value)
        else:
            self.become(step.field)
            if step.change:
                self.finish(step.change)

    def end(self) -> None:
        """The entity is deleted on the platform, and another one stands in its place for the rest of the walk."""
        self.become(gone(self.field, self.now).field)
        self.now += SECOND_LOOK
        step = gone(self.field, self.now)
        self.become(step.field)
        assert step.change
        self.finish(step.change)

    def call(self, value: str) -> None:
        generation, calling = self.field.generation, self.change
        if self.chance.random() < 0.2:  # a newer decision while the call is on its way
            self.decide()
        newer = self.field.generation != generation
        self.change = calling
        outcome = self.chance.choice(["taken", "refused", "not sent", "lost", "answer lost"])
        if outcome in {"taken", "answer lost"}:
            self.platform = value
        match outcome:
            case "taken":
                self.become(answered(self.field, generation, self.now))
                self.turn(ChangeState.CONFIRMED)
            case "refused":
                self.become(refused(self.field, generation, self.now))
                self.turn(ChangeState.REJECTED)
            case "not sent":
                self.become(withdrawn(self.field, generation, self.now + timedelta(minutes=5)))
                self.turn(ChangeState.SUPERSEDED if newer else ChangeState.PLANNED)
            case _:
                self.become(unanswered(self.field, self.now))
                self.turn(ChangeState.SUPERSEDED if newer else ChangeState.UNKNOWN)
        if newer:
            self.change = ChangeState.PLANNED

    def finish(self, state: ChangeState) -> None:
        """What is finished stays so."""
        if self.change in _OPEN:
            self.turn(state)

    def become(self, after: AdField) -> None:
        if after.state is not self.field.state:
            self.of_fields.add((self.field.state, after.state))
        self.field = after

    def turn(self, state: ChangeState) -> None:
        if self.change and self.change is not state:
            self.of_changes.add((self.change, state))
        self.change = state


@cache
def walked() -> tuple[set[Transition], set[Transition]]:
    """What many walks find; the same every time."""
    chance = random.Random(20130606)  # noqa: S311 - a walk that can be repeated
    of_fields, of_changes = set(), set()
    for _ in range(1500):
        walk = Walk(chance)
        for _ in range(50):
            walk.step()
        of_fields |= walk.of_fields
        of_changes |= walk.of_changes
    return of_fields, of_changes


def test_a_field_goes_the_ways_of_its_chart() -> None:
    """Protocol C1, C6 to C9: each transition of the chart is reached, and no other."""
    assert {(str(one), str(other)) for one, other in walked()[0]} == charted("A field")


def test_a_change_goes_the_ways_of_its_chart() -> None:
    """Protocol C2, C6 to C8: each transition of the chart is reached, and no other."""
    assert {(str(one), str(other)) for one, other in walked()[1]} == charted("A change")


def test_the_charts_use_the_words_of_the_code() -> None:
    """Every state is told; a change in dry run in a sentence of its own."""
    in_charts = {name for title in ("A field", "A change") for pair in charted(title) for name in pair}
    assert in_charts == {state.value for state in (*FieldState, *ChangeState)} - {ChangeState.DRY_RUN.value}
    assert f"`{ChangeState.DRY_RUN}`" in CHARTS.read_text()
