"""The engine's real steps on two accounts, beside the worlds that may have come of them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from hypothesis.stateful import RuleBasedStateMachine

from services.ad_action.apply_changes import ApplyChangesStep
from services.ad_action.restraint import Pace
from tests.integration.changes_model.oracle import Word, World, busiest, decided, either_or_forgotten, looked
from tests.integration.changes_model.outside import Outside
from tests.integration.changes_model.platform import Died, Landed, Mood
from tests.integration.changes_model.scene import ACCOUNTS, FOUND, PRIORITIES, SMALLEST, TARGETS, document
from tests.integration.engine import Engine
from tests.integration.interrupted_platform import InterruptedPlatform
from tests.integration.redis_time import pass_time
from tests.integration.schedule_model.fuse import Crash, Fuse, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.servers import FusedDatabase
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.instants import to_ms
from weathertrigger.messages import ApplyChanges
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.storage.database import Row

LEASE = timedelta(seconds=61)
_MOST_LOOKS = 3_000  # while a platform is away for 25 h, each of four fields is looked at every few minutes
_A_DAY = timedelta(hours=24)
WATCH = """
CREATE TABLE model_transitions (of text, before text, after text, PRIMARY KEY (of, before, after));
CREATE FUNCTION model_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO model_transitions VALUES (TG_TABLE_NAME, OLD.state, NEW.state) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER model_watch AFTER UPDATE ON ad_fields
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION model_watch();
CREATE TRIGGER model_watch AFTER UPDATE ON ad_changes
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND NOT NEW.dry_run) EXECUTE FUNCTION model_watch();
"""
"""Keeps every transition of a field and of a change that was ever made."""


class Installation(RuleBasedStateMachine):
    """Three rules on four fields. `wanted` is what people last said of each rule."""

    ground: Ground
    make_outside: Callable[[Ground], Outside]

    def __init__(self) -> None:
        super().__init__()
        self.ground.reset()
        self.engine: Engine = self.ground.engine
        self.engine.execute("UPDATE ad_accounts SET lease_until = NULL, fence = fence + 1")
        self.engine.execute("DELETE FROM pauses")
        self.engine.pace = Pace()
        self.outside = type(self).make_outside(self.ground)
        self.clients = {name: InterruptedPlatform(real) for name, real in self.outside.clients.items()}
        self.engine.platforms = self.clients
        self.worlds = {one: {World(value, value, value, SMALLEST[one])} for one, value in FOUND.items()}
        self.wanted: dict[str, dict[str, object]] = {}
        self.targets = {rule_id: dict(targets) for rule_id, targets in TARGETS.items()}
        self.late = 0
        self.paused = False
        self.edit(*TARGETS)

    # --- the engine's steps

    def edit(self, *rule_ids: str, **changed: object) -> None:
        live_before = self.live()
        for rule_id in rule_ids:
            self.wanted.setdefault(rule_id, {}).update(changed)
        self.engine.apply(*(document(one, self.targets[one], self.wanted[one]) for one in rule_ids))
        self.rules_changed(live_before)

    def judge(self, rule_id: str, values: Mapping[Metric, Value] | None, trouble: Trouble | None = None) -> None:
        live = self.live()
        if rule_id in {one for one, _ in self.enabled()}:
            with_trouble = self.fused(trouble)
            real, self.engine.database = self.engine.database, with_trouble
            try:
                with suppress(Crash):
                    self.engine.judge(values, rule_id)
            finally:
                self.engine.database = real
        self.rules_changed(live)

    def act(self, mood: Mood = Mood.TAKEN, trouble: Trouble | None = None, accounts: Iterable[str] = ACCOUNTS) -> None:
        """A doorbell for each of these accounts; the worker that takes it may die."""
        before = len(self.outside.journal)
        self.forget_attempts()
        self.outside.be_in(mood)
        for account_id in accounts:
            with suppress(Crash, Died):
                self.step(self.fused(trouble))(ApplyChanges(account_id))
        self.outside.be_in(Mood.TAKEN)
        assert not (self.paused and self.outside.journal[before:]), "a write while everything is paused"
        self.branch()
        self.look()

    def step(self, database: FusedDatabase) -> ApplyChangesStep:
        return ApplyChangesStep(
            database=database,
            platforms=ByAccount(self.engine.platforms),
            gates=self.engine.ad_gates,
            pace=self.engine.pace,
            worker_id="model",
        )

    def fused(self, trouble: Trouble | None) -> FusedDatabase:
        fuse = Fuse()
        fuse.arm(trouble)
        return FusedDatabase(self.engine.database, fuse)

    def once(self, moment: str, interruption: Callable[[], object]) -> None:
        """At this moment of the next call (see `InterruptedPlatform`), whichever platform it is for."""
        waiting = [interruption]
        for client in self.clients.values():
            setattr(client, moment, lambda: waiting.pop()() if waiting else None)

    def advance(self, passed: timedelta, *, working: bool, mood: Mood = Mood.TAKEN) -> None:
        """Time passes; where ad-action works, every look is made when it is due."""
        until = self.ground.now_ms + passed // timedelta(milliseconds=1)
        looks = 0
        while working and not self.paused and (due := self.next_due()) and due[0] < until:
            looks += 1
            assert looks < _MOST_LOOKS, f"{due[1]} is looked at without end"
            self.put_clock(max(self.ground.now_ms, due[0] + 1))
            self.act(mood, accounts=[due[1]])
        self.put_clock(max(self.ground.now_ms, until))
        if passed >= timedelta(minutes=2):
            self.for_all(lambda world, _: {replace(world, stale=None)})

    def next_due(self) -> tuple[int, str] | None:
        """When which account has something to do and nobody at it."""
        rows = self.engine.rows(
            "SELECT a.id, greatest(min(f.next_at), a.lease_until) AS at FROM ad_fields f"
            " JOIN ad_accounts a ON a.id = f.account_id WHERE f.next_at IS NOT NULL GROUP BY a.id ORDER BY at LIMIT 1"
        )
        return (to_ms(rows[0].at), rows[0].id) if rows else None

    def put_clock(self, ms: int) -> None:
        """Of PostgreSQL, of the platforms, and of Redis."""
        pass_time(self.engine.redis, timedelta(milliseconds=ms - self.ground.now_ms))
        self.ground.put_clock(ms)

    # --- the worlds

    def rules_changed(self, live_before: Mapping[Carrier, set[str]]) -> None:
        live, words = self.live(), self.words()

        def then(world: World, carrier: Carrier) -> set[World]:
            ceased = frozenset(live_before[carrier] - live[carrier])
            return {decided(world, words[carrier], ceased)}

        self.for_all(then)

    def for_all(self, then: Callable[[World, Carrier], Iterable[World]]) -> None:
        self.worlds = {
            carrier: {after for world in worlds for after in then(world, carrier)}
            for carrier, worlds in self.worlds.items()
        }
        self.branch()

    def for_one(self, carrier: Carrier, then: Callable[[World], Iterable[World]]) -> None:
        self.for_all(lambda world, one: then(world) if one == carrier else {world})

    def branch(self) -> None:
        """The platform may be looked at at any time."""
        live = self.live()
        for carrier, worlds in self.worlds.items():
            new = worlds
            while new:
                found = {one for world in new for one in looked(world, any_live=bool(live[carrier]))}
                new = found - worlds
                self.worlds[carrier] |= new
            self.worlds[carrier] = busiest(self.worlds[carrier])

    def look(self) -> None:
        """Where the newest decision is carried out the engine has looked, and worlds in which it has not are none."""
        for carrier in FOUND:
            field = self.field(carrier)
            if field.applied == field.generation:
                self.worlds[carrier] = {world for world in self.worlds[carrier] if not world.due}

    def at_last(self, carrier: Carrier) -> set[World]:
        """The worlds in which all that was to be done is done."""
        any_live = bool(self.live()[carrier])
        return {one for one in self.worlds[carrier] if one in looked(one, any_live=any_live)}

    def forget_attempts(self) -> None:
        """Semantics 20: what landed late and was not looked at within a day since it was sent is a person's."""
        for carrier in FOUND if self.late else ():
            field, value = self.field(carrier), self.outside.value(carrier)
            at = field.unanswered.get(value)
            is_forgotten = at is not None and self.ground.now_ms - at >= _A_DAY // timedelta(milliseconds=1)
            if is_forgotten and value not in {field.confirmed, field.attempted}:
                self.for_one(carrier, partial(either_or_forgotten, value=value))

    def known_as_ours(self, carrier: Carrier) -> set[str]:
        field = self.field(carrier)
        return {field.confirmed, field.attempted, *field.unanswered} - {None}

    # --- what is so

    def enabled(self) -> list[tuple[str, bool]]:
        return [
            (rule_id, wanted.get("mode", "live") == "live")
            for rule_id, wanted in self.wanted.items()
            if wanted.get("enabled", True)
        ]

    def live(self) -> Mapping[Carrier, set[str]]:
        """Which rules are live on each field."""
        live = {rule_id for rule_id, is_live in self.enabled() if is_live}
        return {one: {rule_id for rule_id in live if one in self.targets[rule_id]} for one in FOUND}

    def words(self) -> Mapping[Carrier, list[Word]]:
        live = self.live()
        rows = {row.id: row for row in self.engine.rows("SELECT * FROM automation_rules")}
        words: dict[Carrier, list[Word]] = {carrier: [] for carrier in FOUND}
        for rule_id, targets in self.targets.items():
            row = rows[rule_id]
            for carrier, (expression, otherwise) in targets.items():
                raises = expression[0] == "+"
                words[carrier].append(
                    Word(
                        rule_id,
                        PRIORITIES[rule_id],
                        live=rule_id in live[carrier],
                        active=row.state == "active" and not (row.data_lost and raises),
                        judged=row.state != "unjudged",
                        expression=expression,
                        otherwise=otherwise,
                    )
                )
        return words

    def field(self, carrier: Carrier) -> Row:
        return self.engine.field(carrier.resource, carrier.field.value)

    def written(self, carrier: Carrier) -> list[Landed]:
        return [one for one in self.outside.journal if one.carrier == carrier and not one.by_hand]
