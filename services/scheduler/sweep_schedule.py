"""S7: every replica puts back the bells that Redis lost, and lowers those that would ring too late."""

import logging
from datetime import timedelta

from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database

log = logging.getLogger(__name__)

HORIZON = timedelta(seconds=60)


class SweepSchedule:
    """Compares the checks of the next minute with the bells."""

    def __init__(self, database: Database, bells: Bells) -> None:
        self._database = database
        self._bells = bells

    def __call__(self) -> int:
        """Gives the number of bells that were put right."""
        with self._database.transaction() as tx:
            upcoming, clock = checks.upcoming(tx, HORIZON)
        if clock is None:
            return 0
        restored = self._bells.restore(upcoming, clock)
        if restored:
            log.info("bells restored", extra={"restored": restored})
        return restored
