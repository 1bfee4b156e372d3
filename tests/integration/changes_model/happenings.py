"""What people, the platform and dying workers do in the model, and what must have come of it at last."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

from tests.integration.changes_model.installation import LEASE, Installation
from tests.integration.changes_model.oracle import World, edited, landed_late, put_back, put_right, released
from tests.integration.changes_model.platform import Died, Mood
from tests.integration.changes_model.scene import ACCOUNTS, FOUND, S
from tests.integration.schedule_model.fuse import Trouble
from tests.unit.rules.charts import charted
from weathertrigger.domain.change import Carrier
from weathertrigger.operations import field_orders
from weathertrigger.storage import fields, history


class Happenings(Installation):
    """The installation, and what happens to it."""

    # --- what people and the platform do

    def edit_by_hand(self, carrier: Carrier, value: str) -> None:
        if self.outside.value(carrier) == value:
            return
        known = self.known_as_ours(carrier)
        self.outside.edit(carrier, value)
        lags = self.outside.lags

        def then(world: World) -> set[World]:
            worlds = {edited(world, value, lags=lags)}
            if value in known:  # it cannot be told from what we sent
                worlds |= {landed_late(world, value, is_status=carrier == S), put_right(world)}
            return worlds

        self.for_one(carrier, then)

    def edit_during_call(self, carrier: Carrier, value: str, mood: Mood) -> None:
        """Between the look and the write: whoever writes last has it."""
        edits: list[str] = []

        def leave() -> None:
            edits.append(value)
            self.outside.edit(carrier, value)

        if self.outside.value(carrier) == value or self.paused:
            return
        self.interrupt("leaving", leave, mood)
        if edits:
            self.for_one(carrier, lambda world: {world, edited(world, value, lags=True)})

    def die(self, moment: str) -> None:
        """A worker dies with its call: just before it left, or before its answer came."""

        def end() -> None:
            raise Died

        self.interrupt(moment, end)

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
            if not mine or mine[0].after != self.outside.value(carrier):
                return
            check = history.execution(tx, made[-1])
            assert check is not None
            seen = {field.id: (field, self.outside.value(carrier))}
            assert field_orders.undo(tx, check, mine, seen, "a person") == []
        before = mine[0].before
        self.for_one(carrier, lambda world: {put_back(world, before)})

    def release(self, carrier: Carrier) -> None:
        """A held field is given back."""
        with self.engine.database.transaction() as tx:
            if not field_orders.release(tx, self.field(carrier).id, "a person"):
                return
        # The others were no longer possible.
        self.for_one(carrier, lambda world: {released(world)} if world.mode == "held" else set())

    def be_overtaken(
        self, account_id: str, moment: str, between: Callable[[], object], trouble: Trouble | None = None
    ) -> None:
        """A worker stands still until its lease is over, and another takes the account over. What was just leaving is
        sent after all; what was only read or decided is not."""
        sent: list[int] = []

        def stand_still() -> None:
            self.put_clock(self.ground.now_ms + LEASE // timedelta(milliseconds=1))
            between()
            self.act(trouble=trouble)
            sent.append(len(self.outside.journal))

        self.interrupt(moment, stand_still, accounts=[account_id])
        late = self.outside.journal[sent[0] :] if sent else []
        assert not late or moment == "leaving", f"{late} was sent by a worker that was overtaken"
        for one in late:
            self.landed(one.carrier, one.after)

    def meanwhile(self, moment: str, happening: Callable[[], object]) -> None:
        """Something happens between the look and the call. Semantics 25: what is decided anew is not sent."""
        before = len(self.outside.journal)
        self.interrupt(moment, happening)
        written = Counter(one.carrier for one in self.outside.journal[before:])
        assert not written or max(written.values()) == 1, f"superseded, and sent all the same: {written}"

    def interrupt(
        self,
        moment: str,
        interruption: Callable[[], object],
        mood: Mood = Mood.TAKEN,
        accounts: Iterable[str] = ACCOUNTS,
    ) -> None:
        """Doorbells, one of which is interrupted at this moment."""
        self.once(moment, interruption)
        self.act(mood, accounts=accounts)
        self.once(moment, _nothing)

    def land_late(self, which: int) -> None:
        for one in self.outside.arrive(which % self.outside.under_way()):
            self.landed(one.carrier, one.after)

    def landed(self, carrier: Carrier, value: str) -> None:
        """A write of ours has landed that nobody waits for any more."""
        self.late += 1
        known = self.known_as_ours(carrier)

        def then(world: World) -> set[World]:
            worlds = {landed_late(world, value, is_status=carrier == S)}
            return worlds | {put_right(world)} if value in known else worlds

        self.for_one(carrier, then)

    def pause(self, paused: bool) -> None:
        if paused and not self.paused:
            self.engine.pause()
        if self.paused and not paused:
            self.engine.resume()
        self.paused = paused

    # --- account

    def heal(self) -> None:
        """The platform works again, nothing is on its way any more, and a day and more passes."""
        self.outside.lose()
        self.outside.let_reads_lag(False)
        self.pause(False)
        self.advance(timedelta(hours=30), working=True)
        self.act()

    def teardown(self) -> None:
        try:
            self.judge_history()
        finally:
            self.outside.close()

    def judge_history(self) -> None:
        self.heal()
        made = {(row.of, row.before, row.after) for row in self.engine.rows("SELECT * FROM model_transitions")}
        assert made <= {("ad_fields", *one) for one in charted("A field")} | {
            ("ad_changes", *one) for one in charted("A change")
        }, "docs/states.md does not know a transition that was made"
        for carrier in FOUND:
            self.judge_field(carrier)

    def judge_field(self, carrier: Carrier) -> None:
        """The platform is as one of the worlds says, and was written no more often than the busiest of them."""
        worlds, value, row = self.at_last(carrier), self.outside.value(carrier), self.field(carrier)
        own = {one.after for one in self.written(carrier)}
        real = [one for one in self.engine.changes(carrier.resource, carrier.field.value) if not one.dry_run]
        was_refused = any(one.state == "rejected" for one in real[-1:]) and row.state in {"owned", "held"}
        allowed = {world.value for world in worlds} | {one.landed for one in worlds if one.mode == "held"}
        if row.state == "left":
            allowed |= own | {world.base for world in worlds}
        assert was_refused or value in allowed, (carrier, value, row, sorted(map(str, worlds)))
        changing = [one for one in self.written(carrier) if one.before != one.after]
        most = max(world.writes for world in worlds) + 2 * self.late
        assert len(changing) <= most, (carrier, changing, most)


def _nothing() -> None:
    """No interruption any more."""
