"""Every replica ends what was wrong with values of the weather and was not met for a day, also of places that no rule
looks at any more."""

from weathertrigger.storage import incidents
from weathertrigger.storage.database import Database
from weathertrigger.storage.incidents import IncidentKind


class EndQuietTroubles:
    """Without a word: that a value can be believed again is no news."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> int:
        """Gives how many were ended."""
        with self._database.transaction() as tx:
            return incidents.end_quiet(tx, IncidentKind.IMPLAUSIBLE)
