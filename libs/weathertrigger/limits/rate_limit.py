"""The limits of one service: takes what a call costs, or says when there will be room for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from redis import Redis

from weathertrigger.call_limits import CallLimit, with_own
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


@dataclass(frozen=True, slots=True)
class _Level:
    """Whose hits are counted, against which limits."""

    keys: GateKeys
    limits: tuple[CallLimit, ...]


class RateLimit:
    """The limits of one service, of each account or of all together; an account may have one of its own."""

    def __init__(
        self, redis: Redis, database: Database, troubles: Troubles, service: str, limits: Sequence[CallLimit]
    ) -> None:
        rates_of(service, limits)
        self._redis = redis
        self._database = database
        self._troubles = troubles
        self._limits = tuple(sorted(limits, key=lambda limit: limit.window))
        self._hits: dict[_Level, Hits] = {}

    def hits(self, keys: GateKeys, cost: Cost) -> dict[str, timedelta]:
        """The keys of the hits that are counted, with the shortest window of each."""
        return {level.keys.hits: level.limits[0].window for level in self._levels(keys, cost)}

    def take(self, call: Call, cost: Cost) -> None:
        """Takes what the call costs.

        Raises:
            HeldBack: there is not so much left in some window; says how much there is.
        """
        taken: list[Hits] = []
        for level in self._levels(call.keys, cost):
            hits = self._of(level)
            if refusal := hits.take(call.id, cost):
                for others in taken:
                    others.give_back(call.id, cost.calls)
                raise self._held_back(call.keys, level, cost, refusal)
            taken.append(hits)

    def state(self, keys: GateKeys) -> GateState:
        """The gate of these keys."""
        return read_state(self._redis, keys, self._limits)

    def has_room(self, whose: GateKeys, keys: GateKeys, cost: Cost) -> bool:
        """Whether enough of a day's calls is left to say that the quota of the account, or of its service, is no longer
        used up."""
        for level in self._levels(keys, cost):
            if level.keys == whose:
                limits = read_state(self._redis, whose, level.limits).limits
                days = [one for one in limits if one.limit.window >= _DAY]
                return all(one.left >= cost.smallest and one.left * _ROOM >= one.limit.calls for one in days)
        return True

    def _levels(self, keys: GateKeys, cost: Cost) -> list[_Level]:
        """Those of the account before that of all accounts together."""
        if cost.own is None:
            return [_Level(limited(keys, self._limits), self._limits)]
        own = _Level(keys, with_own(self._limits, cost.own.calls))
        return [own] if self._limits[0].per_account else [own, _Level(keys.of_service, self._limits)]

    def _of(self, level: _Level) -> Hits:
        if level not in self._hits:
            history = partial(self._history, level.keys)
            self._hits[level] = Hits(self._redis, level.keys, level.limits, history)
        return self._hits[level]

    def _history(self, keys: GateKeys, window: timedelta) -> list[Aged]:
        """The calls that PostgreSQL knows, never older than they are: they are counted by the hour, and left within the
        lease of being counted."""
        with self._database.transaction() as tx:
            rows = api_calls.by_age(tx, keys.service, keys.account or None, window + LEASE)
        return [Aged(max(row.age - LEASE, timedelta()), row.calls) for row in rows]

    def _held_back(self, keys: GateKeys, level: _Level, cost: Cost, refusal: Refusal) -> HeldBack:
        for limit, used in zip(level.limits, refusal.used, strict=True):
            if limit.window >= _DAY and limit.calls - used < cost.smallest:
                self._troubles.begin(level.keys, IncidentKind.QUOTA_EXHAUSTED, f"has had its {_spoken(limit)}.")
        limit = next(one for one in level.limits if one.window == refusal.rate.interval * _MILLISECOND)
        return HeldBack(
            f"{level.keys.subject}: {_said(limit, cost, refusal.left)}",
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
