"""The limits of one service: takes what a call costs, or says when there will be room for it."""

from collections.abc import Sequence
from datetime import timedelta

from pyrate_limiter import Rate, RateItem
from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import HeldBack
from weathertrigger.limits.hits import Aged, Hits, rates_of
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import LEASE, Call
from weathertrigger.limits.state import GateState, read_state
from weathertrigger.limits.troubles import Troubles
from weathertrigger.rule_files.durations import spoken
from weathertrigger.storage import api_calls
from weathertrigger.storage.database import Database
from weathertrigger.storage.incidents import IncidentKind

_DAY = timedelta(days=1)
_ROOM = 10
"""A day's calls are used up until a tenth of them is left again: else each call that leaves the window would be told as
the end of the trouble, and the one that takes its room as the next."""
_MILLISECOND = timedelta(milliseconds=1)


class RateLimit:
    """The limits of one service, of each account or of all together."""

    def __init__(
        self, redis: Redis, database: Database, troubles: Troubles, service: str, limits: Sequence[CallLimit]
    ) -> None:
        self._redis = redis
        self._database = database
        self._troubles = troubles
        self._limits = sorted(limits, key=lambda limit: limit.window)
        self._hits: dict[GateKeys, Hits] = {}
        self.shortest_window = rates_of(service, limits)[0].interval * _MILLISECOND
        self.per_account = self._limits[0].per_account

    def take(self, call: Call, cost: int) -> None:
        """Takes what the call costs.

        Raises:
            HeldBack: there is not so much left in some window.
        """
        decision = self._of(call.keys).put_decision(RateItem(call.id, 0, cost))
        if (rate := decision.failing_rate) is not None:
            wait = rate.interval if decision.retry_after_ms is None else decision.retry_after_ms
            raise self._refusal(call.keys, rate, cost, wait * _MILLISECOND)

    def state(self, keys: GateKeys) -> GateState:
        """The gate of these keys."""
        return read_state(self._redis, keys, self._limits)

    def has_room(self, keys: GateKeys) -> bool:
        """Whether enough of a day's calls is left to say that the quota is no longer used up."""
        days = [one for one in self.state(keys).limits if one.limit.window >= _DAY]
        return all(one.left * _ROOM >= one.limit.calls for one in days)

    def _of(self, keys: GateKeys) -> Hits:
        if keys not in self._hits:
            self._hits[keys] = Hits(self._redis, keys, self._limits, lambda window: self._history(keys, window))
        return self._hits[keys]

    def _history(self, keys: GateKeys, window: timedelta) -> list[Aged]:
        """The calls that PostgreSQL knows, never older than they are: they are counted by the hour, and left within the
        lease of being counted."""
        account = keys.account if self.per_account else None
        with self._database.transaction() as tx:
            rows = api_calls.by_age(tx, keys.service, account, window + LEASE)
        return [Aged(max(row.age - LEASE, timedelta()), row.calls) for row in rows]

    def _refusal(self, keys: GateKeys, rate: Rate, cost: int, retry_after: timedelta) -> HeldBack:
        window = rate.interval * _MILLISECOND
        calls = f"{rate.limit} calls in {spoken(window)}"
        if window >= _DAY:
            self._troubles.begin(keys, IncidentKind.QUOTA_EXHAUSTED, f"has had its {calls}.")
        said = f"{keys.subject}: its limit of {calls} has no room for {cost} more"
        return HeldBack(said, service=keys.service, account=keys.account or None, retry_after=retry_after)
