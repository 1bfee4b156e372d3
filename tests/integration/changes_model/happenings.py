"""What people, the platform and dying workers do in the model, and what must have come of it at last."""

from collections.abc import Callable
from datetime import timedelta

from tests.integration.changes_model.installation import FOUND, LEASE, Installation, S
from tests.integration.changes_model.oracle import (
    World,
    edited,
    landed_late,
    put_back,
    released,
)
from tests.integration.changes_model.platform import Mood
from tests.unit.rules.charts import charted
from weathertrigger.domain.change import Carrier
from weathertrigger.operations import field_orders
from weathertrigger.storage import fields, history


class Happenings(Installation):
    """The installation, and what happens to it."""

    # --- what people and the platform do

    def edit_by_hand(self, carrier: Carrier, value: str) -> None:
        if self.platform.values[carrier] == value:
            return
        known = self.known_as_ours(carrier)
        self.platform.land(carrier, value, by_hand=True)
        lags = self.platform.lags

        def then(world: World, one: Carrier) -> set[World]:
            if one != carrier:
                return {world}
            worlds = {edited(world, value, lags=lags)}
            if value in known:  # it cannot be told from what we sent
                worlds |= {landed_late(world, value, is_status=one == S), self.put_right(world)}
            return worlds

        self.for_all(then)

    def edit_during_call(self, carrier: Carrier, value: str, mood: Mood) -> None:
        """Between the look and the write: whoever writes last has it."""
        edits: list[str] = []

        def leave() -> None:
            edits.append(value)
            self.platform.land(carrier, value, by_hand=True)

        if self.platform.values[carrier] == value or self.paused:
            return
        self.platform.leaving = leave
        self.act(mood)
        self.platform.leaving = None
        if edits:
            self.for_all(lambda world, one: {world, edited(world, value, lags=True)} if one == carrier else {world})

    def undo(self, carrier: Carrier) -> None:
        """The newest check that changed this field is undone, if its value is still there."""
        with self.engine.database.transaction() as tx:
            made = [
                one.execution_id
                for one in self.engine.changes(carrier.resource, carrier.field.value)
                if one.state == "confirmed" and one.execution_id is not None
            ]
            (field,) = fields.of_ids(tx, [self.field(carrier).id])
            changed = field_orders.restorable(tx, made[-1]) if made else []
            mine = [one for one in changed if one.field_id == field.id]
            if not mine or mine[0].after != self.platform.values[carrier]:
                return
            check = history.execution(tx, made[-1])
            assert check is not None
            seen = {field.id: (field, self.platform.values[carrier])}
            assert field_orders.undo(tx, check, mine, seen, "a person") == []
        before = mine[0].before
        self.for_all(lambda world, one: {put_back(world, before)} if one == carrier else {world})

    def release(self, carrier: Carrier) -> None:
        """A held field is given back."""
        with self.engine.database.transaction() as tx:
            if not field_orders.release(tx, self.field(carrier).id, "a person"):
                return

        def then(world: World, one: Carrier) -> set[World]:
            if one != carrier:
                return {world}
            return {released(world)} if world.mode == "held" else set()  # the others were no longer possible

        self.for_all(then)

    def be_overtaken(self, between: Callable[[], object]) -> None:
        """A worker stands still just before its call until its lease is over; another takes the account over, and then
        the call is made after all."""
        sent: list[int] = []

        def leave() -> None:
            self.ground.put_clock(self.ground.now_ms + LEASE // timedelta(milliseconds=1))
            between()
            self.act()
            sent.append(len(self.platform.journal))

        self.platform.leaving = leave
        self.act()
        self.platform.leaving = None
        if sent:
            for one in self.platform.journal[sent[0] :]:
                self.landed(one.carrier, one.after)

    def land_late(self, which: int) -> None:
        write, at = self.platform.under_way.pop(which % len(self.platform.under_way))
        if self.ground.now() - at < timedelta(hours=24):
            self.platform.land(write.carrier, write.value, late=True)
            self.landed(write.carrier, write.value)

    def landed(self, carrier: Carrier, value: str) -> None:
        """A write of ours has landed that nobody waits for any more."""
        self.late += 1
        known = self.known_as_ours(carrier)

        def then(world: World, one: Carrier) -> set[World]:
            if one != carrier:
                return {world}
            worlds = {landed_late(world, value, is_status=one == S)}
            if value in known:
                worlds.add(self.put_right(world))
            return worlds

        self.for_all(then)

    def pause(self, paused: bool) -> None:
        if paused and not self.paused:
            self.engine.pause()
        if self.paused and not paused:
            self.engine.resume()
        self.paused = paused

    # --- account

    def heal(self) -> None:
        """The platform works again, nothing is on its way any more, and a day and more passes."""
        self.platform.under_way.clear()
        self.platform.lags = False
        self.pause(False)
        self.advance(timedelta(hours=30), working=True)
        self.act()

    def teardown(self) -> None:
        self.heal()
        made = {(row.of, row.before, row.after) for row in self.engine.rows("SELECT * FROM model_transitions")}
        assert made <= {("ad_fields", *one) for one in charted("A field")} | {
            ("ad_changes", *one) for one in charted("A change")
        }, "docs/states.md does not know a transition that was made"
        for carrier in FOUND:
            self.judge_field(carrier)

    def judge_field(self, carrier: Carrier) -> None:
        """The platform is as one of the worlds says, and was written no more often than the busiest of them."""
        worlds, value, row = self.at_last(carrier), self.platform.values[carrier], self.field(carrier)
        own = {one.after for one in self.written(carrier)}
        newest = self.engine.changes(carrier.resource, carrier.field.value)[-1:]
        was_refused = any(one.state == "rejected" for one in newest) and row.state in {"owned", "held"}
        allowed = {world.value for world in worlds} | {one.landed for one in worlds if one.mode == "held"}
        if row.state == "left":
            allowed |= own | {world.base for world in worlds}
        assert was_refused or value in allowed, (carrier, value, row, sorted(map(str, worlds)))
        changing = [one for one in self.written(carrier) if one.before != one.after]
        most = max(world.writes for world in worlds) + 2 * self.late
        assert len(changing) <= most, (carrier, changing, most)
