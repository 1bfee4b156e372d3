"""The engine's real steps on one account whose platform is in memory, beside the worlds that may have come of it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta

from hypothesis.stateful import RuleBasedStateMachine

from services.ad_action.apply_changes import ApplyChangesStep
from tests.integration import rule_documents
from tests.integration.changes_model.oracle import (
    Word,
    World,
    busiest,
    decided,
    looked,
)
from tests.integration.changes_model.platform import Died, Landed, Mood, PlatformInMemory
from tests.integration.engine import Engine
from tests.integration.rule_documents import META, Document
from tests.integration.schedule_model.fuse import Crash, Fuse, Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.servers import FusedDatabase
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.instants import to_ms
from weathertrigger.messages import ApplyChanges
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.storage.database import Row

A, B = Carrier("ad_set/23848", FieldName.DAILY_BUDGET), Carrier("ad_set/23868", FieldName.DAILY_BUDGET)
S = Carrier("ad_set/23847", FieldName.STATUS)
FOUND = {A: "8000", B: "3000", S: "paused"}
PRIORITIES = {"wet": 10, "hot": 5, "low": 1}
TARGETS: Mapping[str, Mapping[Carrier, tuple[str, str]]] = {
    "wet": {A: ("+20", "baseline"), S: ("enabled", "baseline")},
    "hot": {A: ("+50", "baseline"), S: ("enabled", "paused")},
    "low": {A: ("-10", "leave"), B: ("+30", "leave")},
}
LEASE = timedelta(seconds=61)
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
    """Three rules on three fields. `wanted` is what people last said of each rule."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.ground.reset()
        self.engine: Engine = self.ground.engine
        self.engine.execute("UPDATE ad_accounts SET lease_until = NULL, fence = fence + 1")
        self.engine.execute("DELETE FROM pauses")
        self.platform = PlatformInMemory(dict(FOUND), self.ground.now)
        self.engine.platforms = {"meta_ads": self.platform}
        self.worlds = {carrier: {World(value, value, value)} for carrier, value in FOUND.items()}
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
        self.engine.apply(*(self.document(rule_id) for rule_id in rule_ids))
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

    def act(self, mood: Mood = Mood.TAKEN, trouble: Trouble | None = None) -> None:
        """A doorbell; the worker that takes it may die."""
        before = len(self.platform.journal)
        self.platform.mood = mood
        step = self.step(self.fused(trouble))
        with suppress(Crash, Died):
            step(ApplyChanges(META))
        self.platform.mood = Mood.TAKEN
        assert not (self.paused and self.platform.journal[before:]), "a write while the account is paused"
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

    def advance(self, passed: timedelta, *, working: bool, mood: Mood = Mood.TAKEN) -> None:
        """Time passes; where ad-action works, every look is made when it is due."""
        until = self.ground.now_ms + passed // timedelta(milliseconds=1)
        self.forget_limits()
        for _ in range(100 if working and not self.paused else 0):
            due = self.engine.value(
                "SELECT greatest(min(f.next_at), max(a.lease_until)) FROM ad_fields f"
                " JOIN ad_accounts a ON a.id = f.account_id AND a.id = %(id)s",
                id=META,
            )
            if due is None or to_ms(due) >= until:
                break
            self.ground.put_clock(max(self.ground.now_ms, to_ms(due) + 1))
            self.forget_limits()
            self.act(mood)
        self.ground.put_clock(max(self.ground.now_ms, until))
        self.for_all(lambda world, _: {world if passed < timedelta(minutes=2) else self.without_lag(world)})

    def forget_limits(self) -> None:
        """Cool-downs and breakers are on Redis's clock, for which no time passes here."""
        if keys := self.engine.redis.keys("*:gate:*"):
            self.engine.redis.delete(*keys)

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

    @staticmethod
    def without_lag(world: World) -> World:
        return World(**{**{name: getattr(world, name) for name in World.__slots__}, "stale": None})

    @staticmethod
    def put_right(world: World) -> World:
        """What is there is known as ours, and another value is wanted."""
        values = {name: getattr(world, name) for name in World.__slots__}
        return World(**{**values, "value": world.mine, "writes": world.writes + 1})

    def known_as_ours(self, carrier: Carrier) -> set[str]:
        field = self.field(carrier)
        return {field.confirmed, field.attempted, *field.unanswered} - {None}

    # --- what is so

    def document(self, rule_id: str) -> Document:
        targets = []
        for carrier, (expression, otherwise) in self.targets[rule_id].items():
            entity = carrier.resource.partition("/")[2]
            if carrier == S:
                then = otherwise if otherwise == "baseline" else {"status": otherwise}
                targets.append(rule_documents.status(entity, expression, otherwise=then))
            else:
                targets.append(rule_documents.budget(entity, f"{expression} %", otherwise=otherwise))
        wanted = {"priority": PRIORITIES[rule_id], **self.wanted[rule_id]}
        return rule_documents.rule(rule_id, *targets, **wanted)

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
        return [one for one in self.platform.journal if one.carrier == carrier and not one.by_hand]
