"""S3: ends a check that has ended every process that touched it, so that its rule's schedule goes on."""

import logging
from collections.abc import Callable, Mapping

from weathertrigger.instants import to_ms
from weathertrigger.schedule.bells import Bells
from weathertrigger.schedule.give_up import give_up
from weathertrigger.schedule.starts import ENDED_FROM
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)

_WHY = f"{ENDED_FROM} workers began this check and none of them has been heard of again"


class EndPoison:
    """Records such checks as failed. The next check of such a rule travels alone from the beginning."""

    def __init__(
        self, database: Database, bells: Bells, ring: Callable[[Mapping[str, str]], None], worker_id: str
    ) -> None:
        self._database = database
        self._bells = bells
        self._ring = ring
        self._worker_id = worker_id

    def __call__(self, token: int, dues: Mapping[str, int]) -> None:
        """Ends these checks (rule id to due in ms), whose bells stand at the token, each by itself. One that cannot be
        ended rings again when its lease is over: nothing about it may hold up the scheduler."""
        for rule_id, due in dues.items():
            try:
                self._end(token, rule_id, due)
            except Exception as error:  # noqa: BLE001  whatever it is, it is this rule's
                log.error("a check cannot be ended", extra={"rule_id": rule_id, "error": repr(error)})  # noqa: TRY400

    def _end(self, token: int, rule_id: str, due: int) -> None:
        recorded = self._database.run(lambda tx: give_up(tx, {rule_id: due}, _WHY, worker_id=self._worker_id))
        for row in recorded.rows:
            log.error("a check is ended", extra={"rule_id": rule_id, "reason": row.reason})
        if recorded.next_checks:
            self._bells.starts.suspect({rule_id: to_ms(recorded.next_checks[rule_id])})
            self._bells.move(token, recorded.next_checks)
        self._ring(recorded.accounts)
