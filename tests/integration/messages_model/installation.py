"""The real steps of all services on one account, and everything that may happen to them and to their messages."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hypothesis.stateful import RuleBasedStateMachine

from tests.integration.changes_model.platform import Mood
from tests.integration.messages_model.bag import TO_ADS, Bag
from tests.integration.messages_model.oracle import Edit, Event, LateLanding
from tests.integration.messages_model.platform import Fate, Platform
from tests.integration.messages_model.process import WholeProcess
from tests.integration.messages_model.scene import FOUND, SCRIPTS, Script
from tests.integration.messages_model.sky import SkyOfPlaces
from tests.integration.rule_documents import META
from tests.integration.schedule_model.fuse import Trouble
from tests.integration.schedule_model.ground import Ground
from tests.integration.schedule_model.mail import Letter, rules_in
from weathertrigger.domain.change import Carrier
from weathertrigger.queues import ActorName

_A_MINUTE = 61.0
_LONGEST = timedelta(hours=20) // timedelta(milliseconds=1)
"""A write that stands still, or is on its way, for longer never lands: the protocol looks for it for a day."""


@dataclass(frozen=True)
class Still:
    """A process that stands still since then, when so many had taken the account."""

    process: WholeProcess
    since: int
    fence: int


class Installation(RuleBasedStateMachine):
    """One process is awake; others may stand still. `log` is what happened apart from verdicts, which the database has:
    edits that were committed, and writes that came late."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.ground.reset()
        self.engine = self.ground.engine
        self.engine.execute("UPDATE ad_accounts SET lease_until = NULL, fence = fence + 1")
        self.sky = SkyOfPlaces(self.ground.now)
        self.platform = Platform(dict(FOUND), self.ground.now, is_lost=self.is_as_people_do, came_late=self.came_late)
        self.engine.platforms = {"meta_ads": self.platform}
        self.bag = Bag(self.engine.redis)
        self.awake = self.fresh()
        self.still: list[Still] = []
        self.scripts: dict[str, Script] = {}
        self.log: list[tuple[int, Event]] = []
        self.ended_by: Counter[str] = Counter()
        self.may_be_silent = self.had_trouble = False
        for rule_id, script in SCRIPTS.items():
            self.edit(rule_id, script)

    # --- steps

    def do(
        self, step: Callable[[WholeProcess], object], trouble: Trouble | None = None, fate: Fate = Mood.TAKEN
    ) -> None:
        """One step of the process that is awake; if it dies or stands still, another one takes its place."""
        self.ground.tick()
        self.forget_limits()
        process = self.awake
        self.platform.meet(fate)
        process.run(lambda: step(process), trouble)
        self.platform.meet(Mood.TAKEN)
        if trouble or fate is not Mood.TAKEN:
            self.may_be_silent = self.had_trouble = True
        if process.fuse.standing_still:
            self.still.append(Still(process, self.ground.now_ms, self.fence()))
        if process.fuse.standing_still or process.fuse.dead:
            self.awake = self.fresh()

    def dispatch_due(self, trouble: Trouble | None = None) -> None:
        self.awake.seconds += _A_MINUTE
        self.do(lambda one: one.dispatch(), trouble)

    def ring_due(self, trouble: Trouble | None = None) -> None:
        self.do(lambda one: one.ring_due(), trouble)
        if trouble is None and not self.engine.value(
            "SELECT lease_until > clock_ms() FROM ad_accounts WHERE id = %(id)s", id=META
        ):
            self.may_be_silent = False

    def hand_over(self, letter: Letter, trouble: Trouble | None = None, fate: Fate = Mood.TAKEN) -> None:
        if trouble and letter.actor_name != ActorName.APPLY_CHANGES:
            self.ended_by.update(rules_in(letter))
        self.do(lambda one: one.consume(letter), trouble, fate)

    def drain(self, *queues: str, fate: Fate = Mood.TAKEN) -> None:
        while waiting := self.bag.waiting(*queues):
            self.hand_over(self.bag.take(*waiting[0]), None, fate)

    def edit(self, rule_id: str, script: Script | None, trouble: Trouble | None = None) -> None:
        """What a person says of a rule (None: it is deleted) counts if it was committed, whatever they heard of it."""
        before = self.version(rule_id)
        if script:
            document = script.document(rule_id)
            self.do(lambda one: one.edit(document), trouble)
        else:
            self.do(lambda one: one.delete(rule_id), trouble)
        if self.version(rule_id) != before:
            self.scripts = {name: one for name, one in self.scripts.items() if name != rule_id}
            self.scripts |= {rule_id: script} if script else {}
            self.log.append((self.ground.now_ms, Edit(rule_id, script)))

    def wait_until_due(self, rule_id: str) -> None:
        due = self.ground.next_checks().get(rule_id, 0)
        self.pass_time(timedelta(milliseconds=max(due - self.ground.now_ms, 0)))

    def pass_time(self, passed: timedelta) -> None:
        self.ground.advance(passed)
        for one in [one for one in self.still if self.ground.now_ms - one.since > _LONGEST]:
            self.thaw_one(one, dies=True)

    def thaw_one(self, one: Still, *, dies: bool) -> None:
        """It goes on to the end of its step. What it writes is late if others have been at the account meanwhile."""
        self.still.remove(one)
        self.ground.tick()
        self.forget_limits()
        self.platform.overdue = self.fence() != one.fence
        one.process.thaw(dead=dies)
        self.platform.overdue = False
        self.may_be_silent = True

    def during_the_next_call(self, others: Callable[[], object], fate: Fate) -> None:
        """Just before its write arrives, others do their work. It is late if they have been at the account."""

        def leave() -> None:
            caller, fence = self.awake, self.fence()
            self.awake = self.fresh()
            others()
            self.awake = caller
            self.platform.meet(fate)
            self.platform.overdue = self.fence() != fence
            self.had_trouble |= self.platform.overdue
            self.may_be_silent = True  # whoever comes while somebody is at the account leaves the work to them

        self.platform.leaving = leave

    def land_late(self, which: int) -> None:
        write, at = self.platform.under_way.pop(which % len(self.platform.under_way))
        self.ground.tick()
        if (self.ground.now() - at) // timedelta(milliseconds=1) < _LONGEST:
            self.platform.land(write.carrier, write.value, late=True)

    # --- what is so

    def fresh(self) -> WholeProcess:
        return WholeProcess(self.engine, self.sky, self.platform)

    def fence(self) -> int:
        return int(self.engine.value("SELECT fence FROM ad_accounts WHERE id = %(id)s", id=META))

    def version(self, rule_id: str) -> object:
        rows = self.engine.rows("SELECT version, deleted_at FROM automation_rules WHERE id = %(id)s", id=rule_id)
        return rows[0] if rows else None

    def forget_limits(self) -> None:
        """Cool-downs and breakers are on Redis's clock, for which no time passes here."""
        if keys := self.engine.redis.keys("*:gate:*"):
            self.engine.redis.delete(*keys)

    def is_as_people_do(self, carrier: Carrier, value: str) -> bool:
        baseline = self.engine.field(carrier.resource, carrier.field.value).baseline
        return value in {baseline, "paused"}

    def came_late(self, carrier: Carrier, value: str) -> None:
        self.log.append((self.ground.now_ms, LateLanding(carrier, value)))

    def unheard(self) -> int:
        """Decisions that were just made, of which nobody has been told. One that somebody looked at, and that waits for
        a limit, is told by the scheduler when the wait is over."""
        if self.bag.waiting(TO_ADS):
            return 0
        return int(
            self.engine.value(
                "SELECT count(*) FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id AND f.next_at <= clock_ms()"
                " WHERE c.state = 'planned' AND NOT c.dry_run AND c.error IS NULL AND f.next_at <= c.created_at"
            )
        )

    def forgotten(self) -> int:
        """Decisions that count as carried out and are not: nobody would hurry to make up for them."""
        return int(
            self.engine.value(
                "SELECT count(*) FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id"
                " WHERE c.finished_at IS NULL AND NOT c.dry_run AND c.generation = f.generation"
                " AND f.applied = f.generation"
            )
        )
