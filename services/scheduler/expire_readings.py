"""Every replica deletes readings that are older than they are kept, a few at a time."""

from datetime import timedelta

from weathertrigger.storage import checks, readings
from weathertrigger.storage.database import Database

_MOST = 5_000
"""Readings in one transaction: a second's work at most, and nobody waits for these rows."""


class ExpireReadings:
    """The newest reading of a place that is not looked at any more goes too."""

    def __init__(self, database: Database, retention: timedelta) -> None:
        self._database = database
        self._retention = retention

    def __call__(self) -> int:
        """Gives how many were deleted."""
        deleted = 0
        while True:
            with self._database.transaction() as tx:
                gone = readings.expire(tx, checks.clock(tx) - self._retention, most=_MOST)
            deleted += gone
            if gone < _MOST:
                return deleted
