"""What a gate looks like now, read from Redis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from redis import Redis

from weathertrigger.call_limits import CallLimit
from weathertrigger.instants import from_ms
from weathertrigger.limits.keys import SEEDED, GateKeys
from weathertrigger.redis_clock import redis_clock_ms

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class LimitState:
    """What is used of one limit, what is left, and when the oldest of what is used leaves the window."""

    limit: CallLimit
    used: int
    left: int
    oldest_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class GateState:
    """One gate at one moment, as it stands before an account.

    Attributes:
        limits: in the order of the gate's; none where no call was made through the gate for long.
        cool_down_until, cool_down_why: how long the account is not called, or the whole service if that is longer, and
            why.
        breaker: of the service: `closed`, `open` or `half-open`.
        breaker_since: None where the breaker has been closed for as long as Redis remembers.
        in_flight: calls of the whole service.
    """

    limits: tuple[LimitState, ...]
    cool_down_until: datetime | None
    cool_down_why: str | None
    breaker: str
    breaker_since: datetime | None
    in_flight: int

    @property
    def is_known(self) -> bool:
        """Whether Redis remembers anything of it."""
        return bool(self.limits or self.cool_down_until or self.breaker_since or self.in_flight)


def read_state(redis: Redis, keys: GateKeys, limits: Sequence[CallLimit]) -> GateState:
    """The gate of these keys, with these limits."""
    now = redis_clock_ms(redis)
    windows = [limit.window // _MILLISECOND for limit in limits]
    counted = limited(keys, limits)
    with redis.pipeline(transaction=True) as pipeline:
        for level in keys.levels:
            pipeline.hmget(level.cool_down, "until", "why")
        pipeline.hmget(keys.breaker, "state", "since")
        pipeline.zcount(keys.in_flight, f"({now}", "+inf")
        pipeline.zscore(counted.hits, SEEDED)
        for window in windows:
            pipeline.zcount(counted.hits, now - window, "+inf")
            pipeline.zrange(counted.hits, now - window, "+inf", byscore=True, offset=0, num=1, withscores=True)
        found = pipeline.execute()
    cool_downs, ((breaker, since), in_flight, kept, *hits) = found[: len(keys.levels)], found[len(keys.levels) :]
    until, why = max(((int(until or 0), why) for until, why in cool_downs), key=lambda one: one[0])
    in_use = kept is not None and kept >= max(windows)
    return GateState(
        limits=_limits(limits, hits) if in_use else (),
        cool_down_until=from_ms(until) if until > now else None,
        cool_down_why=why.decode() if until > now else None,
        breaker=breaker.decode() if breaker else "closed",
        breaker_since=from_ms(int(since)) if since else None,
        in_flight=in_flight,
    )


def limited(keys: GateKeys, limits: Sequence[CallLimit]) -> GateKeys:
    """Whose hits are counted: the account's, or those of all accounts of the service together."""
    return keys if limits[0].per_account else keys.of_service


def _limits(limits: Sequence[CallLimit], hits: Sequence[object]) -> tuple[LimitState, ...]:
    counts = cast("Sequence[int]", hits[::2])
    oldest = cast("Sequence[Sequence[tuple[bytes, float]]]", hits[1::2])
    return tuple(
        LimitState(limit, used, max(limit.calls - used, 0), _leaves(first, limit.window))
        for limit, used, first in zip(limits, counts, oldest, strict=True)
    )


def _leaves(first: Sequence[tuple[bytes, float]], window: timedelta) -> datetime | None:
    """A window has both its ends in it, so that rounding to milliseconds lets nothing out too early."""
    return from_ms(int(first[0][1])) + window + _MILLISECOND if first else None
