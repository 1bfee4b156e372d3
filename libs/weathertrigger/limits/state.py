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
    """One gate at one moment.

    Attributes:
        limits: in the order of the gate's; none where no call was made through the gate for long.
        cool_down_until, cool_down_why: how long the service is not asked, and why.
        breaker: `closed`, `open` or `half-open`.
        breaker_since: None where the breaker has been closed for as long as Redis remembers.
    """

    limits: tuple[LimitState, ...]
    cool_down_until: datetime | None
    cool_down_why: str | None
    breaker: str
    breaker_since: datetime | None
    in_flight: int


def read_state(redis: Redis, keys: GateKeys, limits: Sequence[CallLimit]) -> GateState:
    """The gate of these keys, with these limits."""
    now = redis_clock_ms(redis)
    windows = [limit.window // _MILLISECOND for limit in limits]
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.get(keys.cool_down)
        pipeline.pttl(keys.cool_down)
        pipeline.hmget(keys.breaker, "state", "since")
        pipeline.zcount(keys.in_flight, f"({now}", "+inf")
        pipeline.zscore(keys.hits, SEEDED)
        for window in windows:
            pipeline.zcount(keys.hits, now - window, "+inf")
            pipeline.zrange(keys.hits, now - window, "+inf", byscore=True, offset=0, num=1, withscores=True)
        why, left, (breaker, since), in_flight, kept, *hits = pipeline.execute()
    in_use = kept is not None and kept >= max(windows)
    return GateState(
        limits=_limits(limits, hits) if in_use else (),
        cool_down_until=None if why is None else from_ms(now + max(left, 0)),
        cool_down_why=why and why.decode(),
        breaker=breaker.decode() if breaker else "closed",
        breaker_since=from_ms(int(since)) if since else None,
        in_flight=in_flight,
    )


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
