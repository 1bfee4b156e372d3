"""S5: the lease on the checks of one message, renewed around the calls."""

import time
from collections.abc import Callable, Collection

from weathertrigger.instants import to_ms
from weathertrigger.messages import FetchWeather
from weathertrigger.schedule.bells import STEP_LEASE, Bells
from weathertrigger.storage import checks
from weathertrigger.storage.database import Database

_OFTEN_ENOUGH_SECONDS = 3.0


class Lease:
    """The checks of a message that are still ours, by place, and the token that says so."""

    def __init__(
        self,
        database: Database,
        bells: Bells,
        message: FetchWeather,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bells = bells
        self._monotonic = monotonic
        self._renewed_at = -_OFTEN_ENOUGH_SECONDS
        self._start: str | None = None
        self.token = message.lease
        self.places = {place_id: dict(batch) for place_id, batch in message.places.items()}

    def covers(self, start: str) -> None:
        """The start that goes on for as long as the lease."""
        self._start = start

    def part_with(self, place_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """Gives the checks away that look at no other places than these: the lease on them is somebody else's to
        keep."""
        waiting = {rule_id for place_id, batch in self.places.items() if place_id not in place_ids for rule_id in batch}
        given = self._checks(lambda rule_id: rule_id not in waiting)
        self.places = self._checks(waiting.__contains__)
        return given

    def renew(self, *, at_once: bool = True) -> None:
        """Keeps the lease on the checks. One that is longer stays, but for a millisecond: a check that travels alone is
        to ring at a time of its own (S4), and the same message a second time is to find another lease. Those that a
        newer claim has taken are left to it."""
        now = self._monotonic()
        if not at_once and now - self._renewed_at < _OFTEN_ENOUGH_SECONDS:
            return
        with self._database.transaction() as tx:
            renewed = max(self.token + 1, to_ms(checks.clock(tx) + STEP_LEASE))
        rules = dict.fromkeys((rule_id for batch in self.places.values() for rule_id in batch), renewed)
        ours = set(self._bells.move(self.token, rules))
        self.token, self.places = renewed, self._checks(ours.__contains__)
        self._renewed_at = now
        if self._start is not None:
            self._bells.starts.extend(self._start, renewed)

    def _checks(self, chosen: Callable[[str], bool]) -> dict[str, dict[str, int]]:
        """The checks of these rules, by place; a place without any is left out."""
        kept = {
            place_id: {rule_id: due for rule_id, due in batch.items() if chosen(rule_id)}
            for place_id, batch in self.places.items()
        }
        return {place_id: batch for place_id, batch in kept.items() if batch}
