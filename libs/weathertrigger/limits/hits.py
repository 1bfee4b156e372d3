"""The rate limiter: every hit of the longest window in a sorted set that all workers share.

A bucket of pyrate-limiter, with its exact sliding window, its rates and its decisions. Its own RedisBucket takes the
time from the clocks of the hosts, forgets its script with Redis, keeps its keys for ever and starts empty.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from pyrate_limiter import AbstractBucket, Decision, Rate, RateItem, validate_rate_list
from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import SettingsError
from weathertrigger.limits.cost import Cost
from weathertrigger.limits.keys import SEEDED, GateKeys
from weathertrigger.lua import script
from weathertrigger.rule_files.durations import spoken

KEPT_LONGER = timedelta(hours=2)
"""Longer than an hour and a lease: calls are remembered by the hour, and those of a set that has run out are then all
too old to be taken up again."""
_ROOM, _NEVER = -1, -2
"""What `take.lua` says of a limit instead of the hit that must leave its window first."""
_TICKET = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Aged:
    """So many calls, made at least so long ago."""

    age: timedelta
    calls: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not taken.

    Attributes:
        rate: the limit that has to be waited for the longest.
        wait: for how long, exactly: a millisecond earlier would be refused; None where no waiting helps.
        used: how many hits are in the window of each limit, in the order of the rates.
        left: how many could be taken now instead.
    """

    rate: Rate
    wait: timedelta | None
    used: Sequence[int]
    left: int


History = Callable[[timedelta], Sequence[Aged]]
"""The calls of a window, the youngest first, for a set that Redis does not have (any more)."""


class Hits(AbstractBucket):
    """The hits of one gate. `take` is safe to use from several threads; the rest is what the abstract class demands, so
    that pyrate-limiter's own limiter works with it too."""

    def __init__(
        self,
        redis: Redis,
        keys: GateKeys,
        limits: Sequence[CallLimit],
        history: History,
        *,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        """`now_ms` is of tests; the clock is that of Redis."""
        self._redis = redis
        self._keys = keys
        self._history = history
        self._now_ms = now_ms
        self._take = redis.register_script(script("limits", "take"))
        self._seed = redis.register_script(script("limits", "seed"))
        self.rates = rates_of(keys.service, limits)

    def take(self, call_id: str, cost: Cost) -> Refusal | None:
        """Takes as many hits as the call costs, if every limit has room for them beside what it keeps back."""
        arguments: list[str | int] = [call_id, cost.calls, self._longest, KEPT_LONGER // _MILLISECOND]
        for rate in self.rates:
            arguments += [rate.interval, cost.room(rate.limit)]
        while True:
            answer = self._take(keys=[self._keys.hits], args=[self._time(), *arguments])
            if answer is not None:
                now, *limits = cast("list[int]", answer)
                return self._refusal(cost, now, limits[::2], limits[1::2])
            self._make_anew()

    def give_back(self, call_id: str, calls: int) -> None:
        """The call does not leave after all: another limit has no room for it."""
        self._redis.zrem(self._keys.hits, *(f"{call_id}{number}" for number in range(1, calls + 1)))

    def put_decision(self, item: RateItem) -> Decision:
        """The same for an item that weighs so much. When it happens is for Redis to say, not for the item."""
        refusal = self.take(item.name, Cost(item.weight))
        if refusal is None:
            return Decision()
        return Decision(refusal.rate, None if refusal.wait is None else refusal.wait // _MILLISECOND)

    def put(self, item: RateItem) -> bool:
        """Whether it was taken; if not, `waiting` says for how long."""
        return self._record(item, self.put_decision(item))

    def leak(self, current_timestamp: int | None = None) -> int:  # noqa: ARG002 - of the interface
        """Nothing to do: what is too old goes whenever something is taken."""
        return 0

    def flush(self) -> None:
        """Forgets the hits; they are made anew from the history."""
        self._redis.delete(self._keys.hits)
        self._record(RateItem("", 0), Decision())

    def count(self) -> int:
        """How many hits there are."""
        return max(self._redis.zcard(self._keys.hits) - 1, 0)

    def peek(self, index: int) -> RateItem | None:
        """The hit that is so many before the newest one."""
        found = self._redis.zrange(self._keys.hits, -1 - index, -1 - index, withscores=True)
        for name, score in cast("list[tuple[bytes, float]]", found):
            if name != SEEDED.encode():
                return RateItem(name.decode(), int(score))
        return None

    @property
    def _longest(self) -> int:
        return self.rates[-1].interval

    def _refusal(self, cost: Cost, now: int, used: Sequence[int], must_leave: Sequence[int]) -> Refusal | None:
        for rate, hit in zip(self.rates, must_leave, strict=True):
            if hit == _NEVER:
                return Refusal(rate, None, used, self._left(cost, used))
        waits = [
            (self._algorithm.retry_after(rate, now, hit), rate)
            for rate, hit in zip(self.rates, must_leave, strict=True)
            if hit != _ROOM
        ]
        if not waits:
            return None
        wait, rate = max(waits, key=lambda one: one[0])
        return Refusal(rate, wait * _MILLISECOND, used, self._left(cost, used))

    def _left(self, cost: Cost, used: Sequence[int]) -> int:
        return max(min(cost.room(rate.limit) - hits for rate, hits in zip(self.rates, used, strict=True)), 0)

    def _make_anew(self) -> None:
        """Several may do so at once: the first one's hits hold. If Redis forgets everything once more between the
        reading of the history and the writing of the hits, the ticket is gone too, and nothing is written."""
        ticket = self._keys.ticket(secrets.token_urlsafe(9))
        self._redis.set(ticket, b"1", px=_TICKET)
        arguments: list[str | int] = [self._time(), self._longest, KEPT_LONGER // _MILLISECOND]
        room = self.rates[-1].limit  # more hits than this never decide anything
        for one in self._history(self._longest * _MILLISECOND):
            arguments += [one.age // _MILLISECOND, min(one.calls, room)]
            room -= min(one.calls, room)
        self._seed(keys=[self._keys.hits, ticket], args=arguments)

    def _time(self) -> str | int:
        return self._now_ms() if self._now_ms else ""


def rates_of(service: str, limits: Sequence[CallLimit]) -> list[Rate]:
    """The limits as pyrate-limiter says them, the shortest window first.

    Raises:
        SettingsError: there are none, or they do not go together.
    """
    rates = [Rate(limit.calls, limit.window // _MILLISECOND) for limit in limits]
    ordered = sorted(rates, key=lambda rate: rate.interval)
    if not validate_rate_list(ordered) or len({limit.per_account for limit in limits}) > 1:
        said = ", ".join(f"{limit.calls} calls in {spoken(limit.window)}" for limit in limits) or "none"
        raise SettingsError([f"the limits of {service} do not go together: {said}"])
    return ordered
