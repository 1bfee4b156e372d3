"""One process of the installation with every step in it, from the bell to the ad."""

from datetime import timedelta

from services.ad_action.apply_changes import ApplyChangesStep
from services.ad_action.restraint import Pace
from services.scheduler.ring_due_changes import RingDueChanges
from tests.integration.changes_model.platform import Died
from tests.integration.engine import WORKER, Engine, rule_file
from tests.integration.messages_model.platform import Platform
from tests.integration.messages_model.sky import SkyOfPlaces
from tests.integration.rule_documents import Document
from tests.integration.schedule_model.fuse import Crash
from tests.integration.schedule_model.mail import Letter
from tests.integration.schedule_model.process import Process
from weathertrigger.doorbells import ring_accounts
from weathertrigger.messages import ApplyChanges, load
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.operations.delete_rules import delete_rules
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.queues import ActorName

_NO_LIMIT = Pace(cool_down=timedelta(), attempts=1_000_000)


class WholeProcess(Process):
    """Every service in one."""

    def __init__(self, engine: Engine, sky: SkyOfPlaces, platform: Platform) -> None:
        super().__init__(engine, sky)
        self.ring_due = RingDueChanges(self._database, self._broker)
        self._apply = ApplyChangesStep(
            database=self._database,
            platforms=ByAccount({platform.name: platform}),
            gates=engine.ad_gates,
            pace=_NO_LIMIT,
            worker_id=WORKER,
        )

    def consume(self, message: Letter) -> None:
        if message.actor_name != ActorName.APPLY_CHANGES:
            super().consume(message)
            return
        try:
            self._apply(load(ApplyChanges, message.kwargs))
        except Died:
            self.fuse.dead = True
            raise Crash from None

    def edit(self, *documents: Document) -> None:
        """`automation-cli apply`."""
        applied = apply_rules(self._database, rule_file(*documents), self._engine.by_account, worker_id=WORKER)
        self._bells.set(applied.next_checks)
        ring_accounts(self._broker, applied.to_ring)

    def delete(self, rule_id: str) -> None:
        """`automation-cli rules delete`."""
        done = delete_rules(self._database, [rule_id], leave=False, worker_id=WORKER)
        self._bells.set(done.next_checks)
        ring_accounts(self._broker, done.to_ring)
