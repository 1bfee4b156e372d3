"""The limits of one service: takes what a call costs, or says when there will be room for it."""

from collections.abc import Sequence
from datetime import timedelta

from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import HeldBack
from weathertrigger.limits.cost import Cost
from weathertrigger.limits.hits import Aged, Hits, Refusal, rates_of
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.passage import LEASE, Call
from weathertrigger.limits.state import GateState, limited, read_state
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

    def limited(self, keys: GateKeys) -> GateKeys:
        """Whose hits are counted."""
        return limited(keys, self._limits)

    def take(self, call: Call, cost: Cost) -> None:
        """Takes what the call costs.

        Raises:
            HeldBack: there is not so much left in some window; says how much there is.
        """
        if refusal := self._of(self.limited(call.keys)).take(call.id, cost):
            raise self._held_back(call.keys, cost, refusal)

    def state(self, keys: GateKeys) -> GateState:
        """The gate of these keys."""
        return read_state(self._redis, keys, self._limits)

    def has_room(self, keys: GateKeys, least: int) -> bool:
        """Whether enough of a day's calls is left to say that the quota is no longer used up."""
        if keys != self.limited(keys):
            return True
        days = [one for one in self.state(keys).limits if one.limit.window >= _DAY]
        return all(one.left >= least and one.left * _ROOM >= one.limit.calls for one in days)

    def _of(self, keys: GateKeys) -> Hits:
        if keys not in self._hits:
            self._hits[keys] = Hits(self._redis, keys, self._limits, lambda window: self._history(keys, window))
        return self._hits[keys]

    def _history(self, keys: GateKeys, window: timedelta) -> list[Aged]:
        """The calls that PostgreSQL knows, never older than they are: they are counted by the hour, and left within the
        lease of being counted."""
        account = keys.account if self._limits[0].per_account else None
        with self._database.transaction() as tx:
            rows = api_calls.by_age(tx, keys.service, account, window + LEASE)
        return [Aged(max(row.age - LEASE, timedelta()), row.calls) for row in rows]

    def _held_back(self, keys: GateKeys, cost: Cost, refusal: Refusal) -> HeldBack:
        counted = self.limited(keys)
        for limit, used in zip(self._limits, refusal.used, strict=True):
            if limit.window >= _DAY and limit.calls - used < cost.smallest:
                self._troubles.begin(counted, IncidentKind.QUOTA_EXHAUSTED, f"has had its {_spoken(limit)}.")
        limit = next(one for one in self._limits if one.window == refusal.rate.interval * _MILLISECOND)
        return HeldBack(
            f"{counted.subject}: {_said(limit, cost, refusal.left)}",
            service=keys.service,
            account=keys.account or None,
            retry_after=limit.window if refusal.wait is None else refusal.wait,
            left=refusal.left,
        )


def _said(limit: CallLimit, cost: Cost, left: int) -> str:
    kept = cost.kept(limit.calls)
    of_which = f", of which {kept} are kept for urgent ones," if kept else ""
    instead = f", only for {left}" if left else ""
    return f"its limit of {_spoken(limit)}{of_which} has no room for {cost.calls} more{instead}"


def _spoken(limit: CallLimit) -> str:
    return f"{limit.calls} calls in {spoken(limit.window)}"
